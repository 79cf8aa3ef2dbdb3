import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { main } from '@lattice/cli';
import { toHex } from '@lattice/model';
import { Collector, Rig } from './rig.js';

test('the daemon says when it is ready, serves other commands, and closes cleanly', async (context) => {
  const rig = new Rig(context);
  const { ready, status } = startDaemon(rig, ['daemon', '--json']);
  const { nodeId, socket, addresses } = JSON.parse(await ready) as Record<string, unknown>;
  const me = toHex(rig.node.id);
  assert.deepEqual([nodeId, socket, addresses], [me, join(rig.folder, 's'), [`memory:${me}`]]);

  await rig.json('mesh', 'create');
  await rig.json('put', 'a', '1');
  assert.equal((await rig.run(['get', 'a'])).stdout, '1\n');
  const second = await rig.run(['daemon']);
  assert.equal(second.status, 1);
  assert.match(second.stderr, /^error: Process \d+ already runs the node in \/memory/);
  const options = await rig.run(['get', 'a', '--bind', '1']);
  assert.equal(
    options.stderr,
    'Another process runs the node, so --bind, --relay and --lan change nothing.\n',
  );

  assert.ok(rig.machine.isOpen);
  rig.interrupt();
  assert.equal(await status, 0);
  assert.ok(!rig.machine.isOpen);
  assert.ok(!existsSync(join(rig.folder, 's')), 'the socket is gone');
});

test('a daemon whose network cannot start ends with the reason', async (context) => {
  const rig = new Rig(context);
  rig.machine.networkFailure = new Error('the port is in use');
  const ran = await rig.run(['daemon']);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /the port is in use/);
  assert.ok(!rig.machine.isOpen);
});

test('without a daemon, every command runs the node itself', async (context) => {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create']);
  assert.ok(!rig.machine.isOpen);
  assert.ok(!rig.directory.isLocked());
});

function startDaemon(rig: Rig, argv: readonly string[]) {
  let say = (_line: string): void => undefined;
  const ready = new Promise<string>((resolve) => (say = resolve));
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      say(chunk.toString());
      done();
    },
  });
  const status = main(argv, rig.surroundings({}, stdout, new Collector()));
  return { ready, status };
}
