// One `await put` after the other, each on the disk before the next: against what that takes at the very least, which is one
// signature, one write and one fdatasync of as many bytes.
import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { keyPairFromSeed, sign } from '@lattice/crypto';
import { encodeBundle } from '@lattice/proto';
import { pick, randomKeys, randomValue } from '../tools/data.mjs';
import { inFolder } from '../tools/folder.mjs';
import { makeHistory, newAuthors } from '../tools/history.mjs';
import { inTurns, quantile, timeMs } from '../tools/in-turns.mjs';
import { openLoadedNode } from '../tools/nodes.mjs';
import { random } from '../tools/ports.mjs';
import { rowOf } from '../row.mjs';

/** A log extends its file ahead; so does the limit, since a sync is cheaper then. */
const extendBytes = 8 * 1024 * 1024;

export async function* measure({ rounds, keys, durablePuts, warmUpPuts }) {
  yield* inFolder(async function* (folder) {
    const known = randomKeys(keys);
    const { node, kv } = await openLoadedNode(join(folder, 'node'), known);
    const plain = new PlainAppends(join(folder, 'plain.log'), recordBytes());
    // The median of single ones: how long a thread waits for its turn on a busy machine says nothing of either.
    const eachUs = async (work) => {
      const timesMs = [];
      for (let i = 0; i < durablePuts; i++) timesMs.push(await timeMs(work));
      return quantile(timesMs, 0.5) * 1000;
    };
    // One put at a time keeps the compiler busy for thousands of them: until then most of its time is the interpreter's.
    for (let i = 0; i < warmUpPuts; i++) {
      await kv.put(pick(known), randomValue());
      await plain.append();
    }
    const { put, limit } = await inTurns(rounds, {
      put: () => eachUs(() => kv.put(pick(known), randomValue())),
      limit: () => eachUs(() => plain.append()),
    });
    plain.close();
    await node[Symbol.asyncDispose]();
    yield rowOf({ name: 'await put, durable', value: put, unit: 'us', limit, target: { atMost: 1.5 } });
  });
}

/** What the log gets of one put: its record, and the frame around that. */
function recordBytes() {
  const [bundle] = makeHistory({
    store: random.bytes(32),
    authors: newAuthors(1),
    entries: 1,
    perBundle: 1,
  });
  const frame = 16;
  return encodeBundle(bundle, 'full').length + frame;
}

class PlainAppends {
  #key = keyPairFromSeed(random.bytes(32));
  #hash = random.bytes(32);
  #end = 0;
  #size = 0;

  constructor(path, bytes) {
    this.bytes = random.bytes(bytes);
    this.file = openSync(path, 'wx');
  }

  append() {
    sign(this.#key, 'chain', this.#hash);
    if (this.#end + this.bytes.length > this.#size) ftruncateSync(this.file, (this.#size += extendBytes));
    this.#end += writeSync(this.file, this.bytes, 0, this.bytes.length, this.#end);
    return new Promise((resolve, reject) =>
      fdatasync(this.file, (error) => (error ? reject(error) : resolve())),
    );
  }

  close() {
    closeSync(this.file);
  }
}
