import { join } from 'node:path';
import { readTextFile, writeFileDurably } from './durable-files.js';

/** Where a data directory was. */
export interface Place {
  /** Empty: not known. */
  readonly machine: string;
  readonly path: string;
  /** Which file its `identity.key` was; empty: not known. */
  readonly file: string;
}

/** One for each machine. */
export const placesMax = 8;

const name = 'place';

/** The latest first; none where they are of another identity, or cannot be read. */
export async function readPlaces(directory: string, nodeId: string): Promise<readonly Place[]> {
  const found = parsed((await readTextFile(join(directory, name))) ?? '');
  if (found?.node !== nodeId || !Array.isArray(found.places)) return [];
  return found.places.slice(0, placesMax).filter(isPlace);
}

export function writePlaces(directory: string, nodeId: string, places: readonly Place[]): Promise<void> {
  return writeFileDurably(
    join(directory, name),
    `${JSON.stringify({ node: nodeId, places }, undefined, 1)}\n`,
  );
}

type Loose<T> = { readonly [Name in keyof T]?: unknown };

function parsed(text: string): Loose<{ node: string; places: readonly Place[] }> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isPlace(found: unknown): found is Place {
  if (typeof found !== 'object' || found === null) return false;
  const { machine, path, file } = found as Loose<Place>;
  return [machine, path, file].every((one) => typeof one === 'string');
}
