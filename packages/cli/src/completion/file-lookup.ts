import { opendir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Surroundings } from '../surroundings.js';

/** A directory can be endless; what lies behind that is not found. */
const looksAtMost = 10_000;

/** Paths that begin so, sorted, those of directories with a slash. Hidden ones only where a dot is typed. */
export async function filesThatBegin(
  prefix: string,
  which: 'all' | 'directories',
  { cwd, homeDir }: Pick<Surroundings, 'cwd' | 'homeDir'>,
): Promise<readonly string[]> {
  const slash = prefix.lastIndexOf('/') + 1;
  const [folder, start] = [prefix.slice(0, slash), prefix.slice(slash)];
  // Commands do not know of ~, so that a path that begins with it would not be found.
  if (folder.startsWith('~/')) return filesThatBegin(join(homeDir, prefix.slice(1)), which, { cwd, homeDir });
  const base = resolve(cwd, folder);
  const found: string[] = [];
  let looked = 0;
  for await (const entry of await opendir(base)) {
    if (++looked > looksAtMost) break;
    if (!entry.name.startsWith(start) || (entry.name.startsWith('.') && !start.startsWith('.'))) continue;
    const isDirectory =
      entry.isDirectory() || (entry.isSymbolicLink() && (await leadsToDirectory(join(base, entry.name))));
    if (isDirectory) found.push(`${folder}${entry.name}/`);
    else if (which === 'all') found.push(folder + entry.name);
  }
  return found.sort();
}

async function leadsToDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
