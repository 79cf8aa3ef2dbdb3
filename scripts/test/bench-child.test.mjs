import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Child } from '../bench/tools/child.mjs';
import { root } from '../lib/repository.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

const tools = pathToFileURL(join(root, 'scripts/bench/tools/child.mjs')).href;

/** A process that does what a benchmark's might. */
async function childOf(t) {
  const folder = temporaryFolder(t, {
    'child.mjs': `
      import { answer } from ${JSON.stringify(tools)};
      answer({
        double: ({ bytes }) => bytes.map((byte) => 2 * byte),
        refuse: () => { throw new Error('not today'); },
        end: () => { console.error('it is all over'); process.exit(3); },
        hang: () => new Promise(() => undefined),
      });
    `,
  });
  const child = new Child('the child', join(folder, 'child.mjs'));
  t.after(() => child.end());
  return child;
}

test('a process answers what it is asked, one thing after another', async (t) => {
  const child = await childOf(t);
  assert.deepEqual(await child.ask('double', { bytes: Uint8Array.of(1, 2) }), Uint8Array.of(2, 4));
  await assert.rejects(child.ask('refuse'), /the child, asked to refuse: Error: not today/);
  assert.deepEqual(await child.ask('double', { bytes: Uint8Array.of(3) }), Uint8Array.of(6));
});

test('that a process has ended is told, with what it said, to who asks then and later', async (t) => {
  const child = await childOf(t);
  const ended = /the child, asked to \w+: its process ended \(3\)\nit is all over/;
  await assert.rejects(child.ask('end'), ended);
  await assert.rejects(child.ask('double', { bytes: Uint8Array.of(1) }), ended);
});

test('a process that does not answer in time is given up', async (t) => {
  const child = await childOf(t);
  await assert.rejects(child.ask('hang', {}, 10), /asked to hang: there was no answer within 0.01 s/);
});
