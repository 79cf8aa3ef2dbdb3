// Where the repository is, and which files are in it.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const notOurs = new Set(['node_modules', 'dist', '.build', '.git']);

/** All files under `folder` that are written by people or committed, with `/` between the parts, sorted. */
export function filesUnder(folder, base = root) {
  if (!existsSync(join(base, folder))) return [];
  const files = [];
  for (const entry of readdirSync(join(base, folder), { withFileTypes: true })) {
    if (notOurs.has(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) files.push(...filesUnder(path, base));
    else if (entry.isFile()) files.push(path);
  }
  return files.sort(byCodeUnit);
}

export function packageNames(base = root) {
  return readdirSync(join(base, 'packages')).filter((name) =>
    existsSync(join(base, 'packages', name, 'package.json')),
  );
}

/** The same order everywhere, whatever the locale. */
function byCodeUnit(a, b) {
  return a < b ? -1 : 1;
}
