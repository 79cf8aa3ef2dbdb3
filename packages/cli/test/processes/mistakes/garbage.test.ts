import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fromHex, parseNodeId } from '@lattice/model';
import { RawPeer, SeededRandom } from '@lattice/testkit';
import { bindIroh } from '../../../../net/test/support/iroh.js';
import { Machine } from '../support/machine.js';
import { until } from '../support/until.js';

const random = new SeededRandom(7);

test('a stranger that sends garbage over the network is sent away, and harms nobody', async (context) => {
  const machine = await machineWithDaemon(context);
  const { nodeId, addresses } = (await machine.json('node', 'status')) as {
    nodeId: string;
    addresses: readonly string[];
  };
  const address = { nodeId: parseNodeId(fromHex(nodeId)), direct: addresses };
  const endless = new Uint8Array(4).fill(0xff);
  for (const bytes of [
    random.bytes(4_096),
    endless,
    new Uint8Array(64),
    Uint8Array.of(0, 0, 0, 4, 9, 9, 9, 9),
  ]) {
    // Each with a key of its own: who has broken the protocol is not listened to for a while.
    await using stranger = await bindIroh({ alpn: 'lattice/1' });
    const peer = await RawPeer.dial(stranger, address);
    const stream = await peer.open();
    await stream.bytes(bytes);
    await stream.finish();
    await until(
      async () => peer.ended !== undefined,
      30_000,
      () => 'the stranger was not sent away',
    );
    assert(peer.received.length < 1_024, 'a stranger is told next to nothing');
  }
  await machine.json('put', 'after', 'all');
  assert.equal(await machine.peek('after'), 'all');
});

test('garbage on the socket ends that connection and no other', async (context) => {
  const machine = await machineWithDaemon(context);
  const { socket } = machine;
  for (const bytes of [
    random.bytes(4_096),
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n nonsense'),
    Buffer.from('GET'),
    Buffer.from('\r\n'),
  ]) {
    const client = connect(socket);
    client.on('error', () => undefined);
    client.resume();
    client.end(bytes);
    await once(client, 'close');
    await machine.json('put', 'key', bytes.toString('hex').slice(0, 8));
  }
});

async function machineWithDaemon(context: TestContext): Promise<Machine> {
  const machine = new Machine(context);
  await machine.json('mesh', 'create', 'home');
  await machine.startDaemon();
  return machine;
}
