// Values of 200 KiB, written and synced, and read again: against a plain file, written in one go and synced, and read from
// memory as the store's are.
import { closeSync, fdatasync, openSync, readSync, rmSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { randomKeys, randomValue } from '../tools/data.mjs';
import { inFolder } from '../tools/folder.mjs';
import { inTurns, perSecond } from '../tools/in-turns.mjs';
import { openLoadedNode } from '../tools/nodes.mjs';
import { random } from '../tools/ports.mjs';
import { counted, rowOf } from '../row.mjs';

const valueBytes = 200 * 1024;
const inFlight = 16;

export async function* measure({ longRounds, largeValues }) {
  yield* inFolder(async function* (folder) {
    const { node, kv } = await openLoadedNode(join(folder, 'node'), []);
    const keys = randomKeys(largeValues);
    const values = Array.from({ length: Math.min(largeValues, 64) }, () => randomValue(valueBytes));
    const mib = (largeValues * valueBytes) / 2 ** 20;
    const plain = new PlainFile(join(folder, 'plain'), values, largeValues);

    const written = await inTurns(longRounds, {
      store: () => perSecond(mib, () => putAll(kv, keys, values)),
      limit: () => {
        plain.remove();
        return perSecond(mib, () => plain.write());
      },
    });
    const size = `${counted(largeValues)} values of 200 KiB`;
    yield row(`${size} written`, written);
    const read = await inTurns(longRounds, {
      store: () => perSecond(mib, () => keys.forEach((key) => kv.get(key))),
      limit: () => perSecond(mib, () => plain.read()),
    });
    yield row(`${size} read`, read);
    await node[Symbol.asyncDispose]();
  });
}

function row(name, { store, limit }) {
  return rowOf({ name, value: store, unit: 'MiB/s', limit, target: { atLeast: 0.5 } });
}

async function putAll(kv, keys, values) {
  const left = keys.entries();
  const worker = async () => {
    for (const [index, key] of left) await kv.put(key, values[index % values.length]);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

class PlainFile {
  constructor(path, values, count) {
    Object.assign(this, { path: `${path}-${random.bytes(4).join('-')}`, values, count });
  }

  remove() {
    rmSync(this.path, { force: true });
  }

  async write() {
    const file = openSync(this.path, 'wx');
    for (let i = 0; i < this.count; i++)
      await promisify(write)(file, this.values[i % this.values.length], 0, valueBytes, i * valueBytes);
    await promisify(fdatasync)(file);
    closeSync(file);
  }

  async read() {
    const file = openSync(this.path, 'r');
    for (let i = 0; i < this.count; i++)
      readSync(file, new Uint8Array(valueBytes), 0, valueBytes, i * valueBytes);
    closeSync(file);
  }
}
