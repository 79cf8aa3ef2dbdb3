import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError, utf8 } from '@lattice/model';
import { collect, servedNode } from './rig.js';

test('an error keeps its code and message through the socket', async (context) => {
  const { owned, connectClient } = await servedNode(context);
  const remote = await connectClient();
  for (const client of [remote, owned.client]) {
    await assert.rejects(client.meshStatus({ mesh: 'nope' }), {
      name: 'LatticeError',
      code: 'mesh-not-found',
      message: 'There is no mesh "nope": see "mesh list" for those that there are.',
    });
  }
});

test('an error in the middle of a stream keeps its code', async (context) => {
  const { node, connectClient } = await servedNode(context);
  await node.createMesh();
  const client = await connectClient();
  async function* batches() {
    yield { operations: [{ key: utf8('a'), value: utf8('1') }] };
    yield { operations: [{ key: utf8(''), value: utf8('2') }] };
    yield { operations: [{ key: utf8('c'), value: utf8('3') }] };
  }
  const acks: bigint[] = [];
  const writing = async () => {
    for await (const ack of client.write(batches())) acks.push(ack.operations);
  };
  await assert.rejects(writing(), { code: 'key-empty' });
  assert.deepEqual(acks, [1n]);
  assert.equal((await client.get({ key: utf8('a') })).value?.length, 1);
});

test('what the request stream of a call throws comes out of the call', async (context) => {
  const { node, connectClient, owned } = await servedNode(context);
  await node.createMesh();
  const remote = await connectClient();
  async function* batches() {
    yield { operations: [{ key: utf8('a'), value: utf8('1') }] };
    throw new LatticeError('line-malformed', 'Line 2 is no JSON.');
  }
  for (const client of [remote, owned.client]) {
    await assert.rejects(collect(client.write(batches())), { code: 'line-malformed' });
  }
});

test('a defect of the service is one sentence', async (context) => {
  const { node, connectClient } = await servedNode(context);
  node.meshes = () => {
    throw new TypeError('x is not a function\n    at somewhere');
  };
  const client = await connectClient();
  await assert.rejects(client.meshList({}), (error: LatticeError) => {
    assert.equal(error.code, 'internal');
    assert.doesNotMatch(error.message, /\n|somewhere/);
    return true;
  });
});

test('cancelling a call rejects with "aborted"', async (context) => {
  const { connectClient, owned } = await servedNode(context);
  const remote = await connectClient();
  for (const client of [remote, owned.client]) {
    const stop = new AbortController();
    const reading = async () => {
      for await (const { event } of client.subscribe({}, { signal: stop.signal })) {
        if (event.case === 'subscribed') stop.abort();
      }
    };
    await assert.rejects(reading(), { code: 'aborted' });
  }
});

test('when the owner dies, its clients are told so', async (context) => {
  const { connectClient, owned } = await servedNode(context);
  const client = await connectClient();
  await client.nodeStatus({});
  await owned.close({ drainMs: 0 });
  await assert.rejects(client.nodeStatus({}), { code: 'daemon-gone' });
});
