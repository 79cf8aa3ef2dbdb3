import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { parseBind, parseRelayChoice } from '@lattice/net';
import { bindIroh } from './support/iroh.js';

test('both address families are bound, on loopback only where loopback is asked for', async () => {
  for (const bind of [[{ host: 'localhost' }], [{ host: '127.0.0.1' }], [{ host: '::1' }]]) {
    await using transport = await bindIroh({ bind });
    const { v4, v6 } = transport.boundPorts();
    assert.deepEqual(transport.address().direct.toSorted(), [`127.0.0.1:${v4}`, `[::1]:${v6}`]);
  }
});

test('without a host the node listens everywhere, and names the addresses of this machine', async () => {
  await using transport = await bindIroh({ bind: [] });
  const { v4, v6 } = transport.boundPorts();
  const { direct } = transport.address();
  assert(direct.length > 0);
  for (const address of direct) {
    assert(address.endsWith(`:${v4}`) || address.endsWith(`:${v6}`), address);
    assert(!/^0\.0\.0\.0|^\[::\]|^\[fe80/.test(address), address);
  }
});

test('a port that was asked for and is in use is an error that names it', async () => {
  for (const type of ['udp4', 'udp6'] as const) {
    const host = type === 'udp4' ? '127.0.0.1' : '::1';
    const taken = await takePort(type, host);
    const { port } = taken.address();
    for (const bind of [[{ host, port }], [{ port }], [{ host: 'localhost', port }]]) {
      await assert.rejects(bindIroh({ bind }), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'port-in-use');
        assert.match(error.message, new RegExp(`port ${port} .* choose another port`));
        return !error.message.includes('\n');
      });
    }
    taken.close();
  }
});

test('a preferred port that is in use makes way for another one, and leaves the other family alone', async () => {
  const taken = await takePort('udp4', '127.0.0.1');
  const free = await freePort('udp6', '::1');
  await using transport = await bindIroh({ preferredPorts: { v4: taken.address().port, v6: free } });
  assert.notEqual(transport.boundPorts().v4, taken.address().port);
  assert.equal(transport.boundPorts().v6, free);
  taken.close();
});

test('a preferred port that is free is taken', async () => {
  const v4 = await freePort('udp4', '127.0.0.1');
  const v6 = await freePort('udp6', '::1');
  await using transport = await bindIroh({ preferredPorts: { v4, v6 } });
  assert.deepEqual(transport.boundPorts(), { v4, v6 });
});

test('an address that this machine does not have is an error of one line', async () => {
  await assert.rejects(bindIroh({ bind: [{ host: '192.0.2.77' }] }), {
    code: 'bind-failed',
    message:
      'Cannot listen on 192.0.2.77:0: the address is not one of this machine. Choose another address or port.',
  });
});

test('two addresses of one family are refused', async () => {
  const bind = [{ host: '127.0.0.1' }, { host: '127.0.0.2' }];
  await assert.rejects(bindIroh({ bind }), { code: 'invalid-bind' });
});

test('what a person writes as an address to listen on', () => {
  assert.deepEqual(parseBind('4001'), [{ port: 4001 }]);
  assert.deepEqual(parseBind(':4001'), [{ port: 4001 }]);
  assert.deepEqual(parseBind('127.0.0.1'), [{ host: '127.0.0.1' }]);
  assert.deepEqual(parseBind('127.0.0.1:0'), [{ host: '127.0.0.1', port: 0 }]);
  assert.deepEqual(parseBind('localhost:7'), [{ host: 'localhost', port: 7 }]);
  assert.deepEqual(parseBind('::1'), [{ host: '::1' }]);
  assert.deepEqual(parseBind('0.0.0.0:1, [::]:2'), [
    { host: '0.0.0.0', port: 1 },
    { host: '::', port: 2 },
  ]);
  for (const text of [
    '',
    'example.org',
    '127.0.0.1:65536',
    '[::1',
    '[127.0.0.1]:1',
    '1.2.3.4:x',
    'fe80::1%eth0',
  ]) {
    assert.throws(() => parseBind(text), { code: 'invalid-bind' }, text);
  }
});

test('what a person writes as a relay', () => {
  assert.equal(parseRelayChoice('off'), 'off');
  assert.equal(parseRelayChoice('default'), 'default');
  assert.deepEqual(parseRelayChoice('https://relay.example'), new URL('https://relay.example'));
  for (const text of ['', 'on', 'relay.example', 'ftp://relay.example']) {
    assert.throws(() => parseRelayChoice(text), { code: 'invalid-relay' }, text);
  }
});

async function takePort(type: 'udp4' | 'udp6', host: string): Promise<Socket> {
  const socket = createSocket({ type, ipv6Only: type === 'udp6' });
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket;
}

async function freePort(type: 'udp4' | 'udp6', host: string): Promise<number> {
  const socket = await takePort(type, host);
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
