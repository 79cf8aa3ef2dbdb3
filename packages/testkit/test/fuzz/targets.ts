import type { FuzzTarget } from './target.js';
import { brokenTargets } from './targets/broken.js';
import { entryTargets } from './targets/entries.js';
import { fileTargets } from './targets/files.js';
import { messageTargets } from './targets/messages.js';
import { operationTargets } from './targets/operations.js';
import { cursorTargets, textTargets } from './targets/texts.js';

/** Every decoder of what others, or a disk, may have changed; and some that show that faults are found. */
export async function openTargets(directory: string): Promise<readonly FuzzTarget[]> {
  return [
    ...entryTargets,
    ...operationTargets,
    ...messageTargets,
    ...textTargets,
    ...(await cursorTargets()),
    ...(await fileTargets(directory)),
    ...brokenTargets,
  ];
}
