import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindIroh } from './support/iroh.js';
import { ChildNode } from './support/child-node.js';

const never = new AbortController().signal;

test('a node that starts again takes the ports it had, after a clean end and after a kill', async () => {
  const first = await ChildNode.start({});
  const { ports } = first.report;
  await first.close();
  const second = await ChildNode.start({ preferredPorts: ports });
  assert.deepEqual(second.report.ports, ports);
  await second.kill();
  await using third = await ChildNode.start({ preferredPorts: ports });
  assert.deepEqual(third.report.ports, ports);
});

test('of two nodes with the same ports in mind, the second one finds others', async () => {
  await using first = await ChildNode.start({ seed: 1 });
  await using second = await ChildNode.start({ seed: 2, preferredPorts: first.report.ports });
  assert.notEqual(second.report.ports.v4, first.report.ports.v4);
  assert.notEqual(second.report.ports.v6, first.report.ports.v6);
});

test('a peer in another process answers, and says goodbye when it ends', async () => {
  await using child = await ChildNode.start({});
  await using transport = await bindIroh();
  const connection = await transport.connect(child.address, never);
  const stream = await connection.openStream();
  await stream.write(Uint8Array.of(1, 2, 3));
  assert.deepEqual(await stream.read(), Uint8Array.of(1, 2, 3));
  const pending = assert.rejects(stream.read(), { code: 'connection-closed' });
  await child.close();
  assert.deepEqual(await connection.closed, { by: 'remote', reason: 'the node is shutting down' });
  await pending;
});

test('a transport with dials that lead nowhere closes all the same', async () => {
  const transport = await bindIroh();
  await using other = await bindIroh();
  const dials = Array.from({ length: 20 }, (_, i) =>
    transport.connect({ nodeId: other.nodeId, direct: [`127.0.0.1:${i + 1}`] }, new AbortController().signal),
  );
  const rejected = Promise.all(dials.map((dial) => assert.rejects(dial, { code: 'transport-closed' })));
  await transport[Symbol.asyncDispose]();
  await rejected;
});

test('no more dials are begun than the binding may have unfinished', async () => {
  await using transport = await bindIroh();
  await using other = await bindIroh();
  const peer = { nodeId: other.nodeId, direct: ['127.0.0.1:9'] };
  for (let i = 0; i < 128; i++) {
    const giveUp = new AbortController();
    const dial = transport.connect(peer, giveUp.signal);
    giveUp.abort();
    await assert.rejects(dial, { code: 'aborted' });
  }
  await assert.rejects(transport.connect(peer, never), { code: 'dial-failed', message: /too many dials/ });
});

test('addresses that make no sense are left out of a dial', async () => {
  await using a = await bindIroh();
  await using b = await bindIroh();
  const { nodeId, direct } = b.address();
  const nonsense = [
    '',
    'example.org:1',
    '127.0.0.1',
    '127.0.0.1:0',
    '127.0.0.1:99999',
    '[::1',
    '300.1.1.1:5',
  ];
  const [connection] = await Promise.all([
    a.connect({ nodeId, direct: [...nonsense, ...direct], relay: 'not a url' }, never),
    b.accept(),
  ]);
  connection.close('');
  await assert.rejects(a.connect({ nodeId, direct: nonsense }, never), { code: 'dial-failed' });
});
