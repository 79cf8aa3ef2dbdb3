// `npm run docs`: writes what the command line knows of itself to docs/cli.md and man/lattice.1. Both are committed; a
// test holds them to the command table.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './lib/repository.mjs';
import { buildEverything, installPackages } from './setup.mjs';

const problem = installPackages() ?? buildEverything();
if (problem === undefined) {
  const { documents } = await import('./lib/documents.mjs');
  for (const { path, text, isCurrent } of await documents(new Date())) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (!isCurrent) writeFileSync(join(root, path), text);
    console.log(`${path}: ${isCurrent ? 'is up to date' : 'written'}`);
  }
} else {
  console.error(problem);
  process.exitCode = 1;
}
