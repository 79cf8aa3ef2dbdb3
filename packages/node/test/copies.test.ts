import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contents, eventsOf, meshOf, nodes, put } from './support/nodes.js';

test('a node that was copied says so, as a warning and an event, and goes on all the same, until its owner knows better', async () => {
  await using mesh = nodes({ online: false });
  await mesh.run((await mesh.start('a')).createMesh());
  await mesh.stop('a');
  mesh.machine('a').disk.suspectedCopy = { kind: 'original-beside', original: '/home/a' };
  const node = await mesh.start('a');
  const events = eventsOf(mesh, 'a');
  for (let i = 0; i < 2; i++) await mesh.run(node.startNetwork());
  const [message = '', ...others] = node.status().warnings;
  assert.match(
    message,
    /^This data directory was copied: "\/home\/a" holds the same node\. .*`node keep-identity`\.$/,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(events, [{ kind: 'warning', level: 'warn', message }]);
  await put(mesh, 'a', 'key', 'value');
  assert.deepEqual(contents(mesh, 'a'), { key: 'value' });

  assert.equal(await mesh.run(node.keepIdentity()), true);
  assert.deepEqual(node.status().warnings, []);
  assert.equal(await mesh.run(node.keepIdentity()), false);
  await mesh.stop('a');
  assert.deepEqual((await mesh.start('a')).status().warnings, []);
});

test('each way to be a copy is told in its own words', async () => {
  await using mesh = await meshOf('a', []);
  for (const [kind, words] of [
    ['other-machine', /copied or moved here from another machine/],
    ['put-back', /as after restoring a backup of the disk/],
  ] as const) {
    await mesh.stop('a');
    mesh.machine('a').disk.suspectedCopy = { kind };
    assert.match((await mesh.start('a')).status().warnings.join('\n'), words);
  }
});
