// A loader's hooks: `load` gives the planted text of a file in the place of its own.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Edit } from './plants.js';

let planting: readonly Edit[] = [];

/** @public */
export function initialize(given: readonly Edit[]): void {
  planting = given;
}

/** @public */
export async function load(
  url: string,
  context: unknown,
  next: (url: string, context: unknown) => Promise<unknown>,
): Promise<unknown> {
  const here = planting.filter(({ file }) => url.endsWith(`/packages/${file}`));
  if (here.length === 0) return next(url, context);
  const text = await readFile(fileURLToPath(url), 'utf8');
  return { format: 'module', source: planted(text, here), shortCircuit: true };
}

/** Throws where an edit does not fit. */
export function planted(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, { file, find, replace }) => {
    if (before.split(find).length !== 2)
      throw new Error(`What is to be replaced is not in ${file} once: ${find}`);
    return before.replace(find, () => replace);
  }, text);
}
