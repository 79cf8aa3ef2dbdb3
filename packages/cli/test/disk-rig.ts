import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { diskDirectory } from '@lattice/daemon';
import { Rig } from './rig.js';

/** The same on disk, for what is about files: in `data` of the rig's folder. */
export function diskRig(context: TestContext): Rig {
  const rig = new Rig(context);
  rig.openDirectory = async (options) => diskDirectory(options);
  const run = rig.run.bind(rig);
  rig.run = (argv, options) =>
    run(argv, { ...options, env: { LATTICE_DATA_DIR: join(rig.folder, 'data'), ...options?.env } });
  return rig;
}
