// Reads package-lock.json (lockfileVersion 3), in which a package is keyed by where it is installed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './repository.mjs';

export function readLock(base = root) {
  return JSON.parse(readFileSync(join(base, 'package-lock.json'), 'utf8'));
}

/**
 * The lock's path for `name` as required from the package at `from`, as Node resolves it; undefined when
 * there is none.
 */
export function resolveInLock(packages, from, name) {
  for (let folder = from; ; folder = parentOf(folder)) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}

/**
 * Optional dependencies that the lock names without an entry of their own: on their platform `npm ci` would
 * leave them out.
 */
export function missingOptionals(packages) {
  const missing = [];
  for (const [from, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (resolveInLock(packages, from, name) === undefined)
        missing.push({ from, name, version, dev: entry.dev === true });
    }
  }
  return missing;
}

function parentOf(folder) {
  const at = folder.lastIndexOf('/node_modules/');
  return at === -1 ? '' : folder.slice(0, at);
}
