// A process opens a node with a long history, cold: how long until its first read is answered, and how much private memory it
// has then. Once as a process before it left it that was killed, once as after a crash of the machine.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inFolder } from '../tools/folder.mjs';
import { quantile } from '../tools/in-turns.mjs';
import { openDiskNode } from '../tools/nodes.mjs';
import { makeLoggedStore } from '../tools/stores.mjs';
import { counted, rowOf } from '../row.mjs';

const child = fileURLToPath(new URL('../open-child.mjs', import.meta.url));

export async function* measure({ longRounds, entries }) {
  yield* inFolder(async function* (parent) {
    const folder = join(parent, 'node');
    await makeLoggedStore(folder, { entries, perBundle: 256 });
    const node = await openDiskNode(folder, { bootId: 'first' });
    await node[Symbol.asyncDispose]();

    const opened = [];
    const crashed = [];
    // Each process is killed, so that none but the first finds what was closed.
    for (let round = 0; round <= longRounds; round++) {
      opened.push(openInProcess(folder, 'first', entries));
      const copy = join(parent, 'copy');
      await cp(folder, copy, { recursive: true });
      crashed.push(openInProcess(copy, 'second', entries));
      await rm(copy, { recursive: true });
    }
    const of = (runs, what) =>
      quantile(
        runs.slice(1).map((run) => run[what]),
        0.5,
      );
    const size = `${counted(entries)} entries`;
    yield rowOf({ name: `open, ${size}`, value: of(opened, 'ms'), unit: 'ms', target: { atMost: 300 } });
    if (opened[0].mib !== null)
      yield rowOf({
        name: `open, ${size}: memory`,
        value: of(opened, 'mib'),
        unit: 'MiB',
        target: { atMost: 143 },
      });
    const name = `open after a crash of the machine, ${size}`;
    yield rowOf({ name, value: of(crashed, 'ms'), unit: 'ms', target: { atMost: 2_000 } });
  });
}

function openInProcess(folder, bootId, entries) {
  const { stdout, stderr } = spawnSync(process.execPath, [child, folder, bootId], { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  const result = JSON.parse(stdout);
  assert.equal(result.entries, entries);
  return result;
}
