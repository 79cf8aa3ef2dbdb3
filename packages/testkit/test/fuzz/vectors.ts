import { readFileSync } from 'node:fs';
import { fromHex } from '@lattice/model';

type Vector = Readonly<Record<string, string>>;

/** Of the formats' own vectors: the valid ones. Only fields that are text are looked at. */
export function vectors(file: string, list = 'valid'): readonly Vector[] {
  const text = readFileSync(`packages/proto/test/vectors/${file}.json`, 'utf8');
  return (JSON.parse(text) as Readonly<Record<string, readonly Vector[]>>)[list] ?? [];
}

export function vectorBytes(file: string, field: string, list?: string): Uint8Array[] {
  return vectors(file, list).map((vector) => fromHex(vector[field] ?? ''));
}
