/** Run with --expose-gc. Keeps as little of a connection as an application may, collects garbage, and goes on using it. */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { Stream } from '@lattice/net-types';
import { bindIroh } from './iroh.js';

const { gc } = globalThis;
assert(gc !== undefined, 'run with --expose-gc');

const never = new AbortController().signal;

/** Of all that is opened here, only the streams are returned. */
async function openStreams(): Promise<readonly [Stream, Stream, WeakRef<object>]> {
  const [a, b] = await Promise.all([bindIroh(), bindIroh()]);
  const [near, far] = await Promise.all([a.connect(b.address(), never), b.accept()]);
  assert(far !== undefined);
  const stream = await near.openStream();
  await stream.write(Uint8Array.of(1));
  const other = await far.acceptStream();
  assert(other !== undefined);
  return [stream, other, new WeakRef({ canary: true })];
}

async function collect(): Promise<void> {
  for (let i = 0; i < 30; i++) {
    gc?.();
    await setImmediate();
  }
}

const [stream, other, canary] = await openStreams();
await collect();
assert.equal(canary.deref(), undefined, 'the collector did run');
assert.deepEqual(await other.read(), Uint8Array.of(1));

const waiting = other.read();
await collect();
await stream.write(Uint8Array.of(2));
assert.deepEqual(await waiting, Uint8Array.of(2));

await other.finish();
await collect();
assert.equal(await stream.read(), undefined);
await stream.write(Uint8Array.of(3));
assert.deepEqual(await other.read(), Uint8Array.of(3));
console.log('survived');
process.exit();
