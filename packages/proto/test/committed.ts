import { readFileSync } from 'node:fs';
import type { makeVectors } from './make/index.js';

/** The vectors of a file, in the shape in which they are made. */
export function committed<Name extends keyof Vectors>(name: Name): Vectors[Name] {
  return JSON.parse(readFileSync(`packages/proto/test/vectors/${name}.json`, 'utf8')) as Vectors[Name];
}

type Vectors = Awaited<ReturnType<typeof makeVectors>>;
