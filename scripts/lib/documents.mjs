// Documents that are made from the program: what they are to say, and whether they do.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { reference } from '../../packages/cli/dist/reference.js';
import { dateOf, manualOf } from './cli-man.mjs';
import { markdownOf } from './cli-markdown.mjs';
import { root } from './repository.mjs';

/** Each as { path, text, isCurrent }. Needs a build. A manual that says nothing new keeps its date, else it gets `today`. */
export async function documents(today) {
  return [
    made('docs/cli.md', await formatted('docs/cli.md', markdownOf(reference))),
    made('man/lattice.1', manual('man/lattice.1', today)),
  ];
}

function made(path, text) {
  return { path, text, isCurrent: committed(path) === text };
}

function manual(path, today) {
  const before = committed(path);
  const asBefore = manualOf(reference, dateOf(before));
  if (asBefore === before) return asBefore;
  const date = { year: 'numeric', month: 'long', day: 'numeric', timeZone: 'UTC' };
  return manualOf(reference, today.toLocaleDateString('en-US', date));
}

async function formatted(path, text) {
  const filepath = join(root, path);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

function committed(path) {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
}
