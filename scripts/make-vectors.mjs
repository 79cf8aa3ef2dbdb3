// Writes the test vectors of docs/protocol.md anew, as the compiled code makes them. Build first; then look at
// what has changed: a vector that differs is a format that differs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import prettier from 'prettier';
import { root } from './lib/repository.mjs';

const folder = 'packages/proto/test/vectors';
const maker = pathToFileURL(join(root, '.build/tests/packages/proto/test/make/index.js')).href;

const { makeVectors } = await import(maker);
for (const [name, vectors] of Object.entries(await makeVectors())) {
  const file = join(root, folder, `${name}.json`);
  const options = await prettier.resolveConfig(file);
  writeFileSync(file, await prettier.format(JSON.stringify(vectors), { ...options, parser: 'json' }));
  console.log(`${folder}/${name}.json`);
}
