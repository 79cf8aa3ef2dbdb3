// package-lock.json must install the same on every platform and from every registry. npm leaves out what the
// registry in use does not carry, and `npm ci` then fails, or another platform lacks its binaries.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { runIfMain } from './lib/check.mjs';
import { missingOptionals, readLock, resolveInLock } from './lib/lock-file.mjs';
import { platformOf } from './lib/native-package.mjs';
import { packageNames, root } from './lib/repository.mjs';

export function findProblems(base = root) {
  const { packages } = readLock(base);
  const manifests = ['', ...packageNames(base).map((name) => `packages/${name}`)];
  return [
    ...missingOptionals(packages).map(
      ({ name, version }) => `no entry for ${name}@${version}: run node scripts/complete-lock.mjs`,
    ),
    ...Object.entries(packages).flatMap(([path, entry]) => entryProblems(packages, path, entry)),
    ...manifests.flatMap((folder) => outOfStep(base, packages, folder)),
    ...strayWorkspaces(packages, manifests),
  ];
}

function entryProblems(packages, path, entry) {
  if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return [];
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const problems = [];
  if (entry.resolved !== undefined && !entry.link)
    problems.push(`${path}: names the host it was fetched from (${entry.resolved})`);
  if (entry.version === undefined && !entry.link) problems.push(`${path}: has no version`);
  const platform = entry.optional ? platformOf(name) : undefined;
  for (const field of ['os', 'cpu']) {
    if (platform?.[field] !== undefined && entry[field] === undefined)
      problems.push(`${path}: does not say its ${field}`);
  }
  const missing = Object.keys(entry.dependencies ?? {}).filter(
    (dependency) => resolveInLock(packages, path, dependency) === undefined,
  );
  return [...problems, ...missing.map((dependency) => `${path}: its dependency ${dependency} has no entry`)];
}

/**
 * The lock repeats each package.json's dependencies; where they differ, `npm ci` installs other versions or
 * none.
 */
function outOfStep(base, packages, folder) {
  const manifest = JSON.parse(readFileSync(join(base, folder, 'package.json'), 'utf8'));
  return ['version', 'dependencies', 'devDependencies', 'optionalDependencies', 'engines']
    .filter((field) => !isDeepStrictEqual(manifest[field], packages[folder]?.[field]))
    .map(
      (field) =>
        `${join(folder, 'package.json')}: its ${field} are not those of package-lock.json: run npm install`,
    );
}

function strayWorkspaces(packages, manifests) {
  return Object.keys(packages)
    .filter(
      (path) => path.startsWith('packages/') && !path.includes('/node_modules/') && !manifests.includes(path),
    )
    .map((path) => `package-lock.json: ${path} is no package any more: run npm install`);
}

runIfMain(import.meta.url, findProblems);
