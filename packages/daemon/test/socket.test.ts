import assert from 'node:assert/strict';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { openAsOwner } from '@lattice/daemon';
import { silentLogger, toHex, utf8 } from '@lattice/model';
import { nodeDirectory, rawSocket, servedNode } from './rig.js';

const statusPath = '/lattice.v1.LatticeService/NodeStatus';

test(
  'only the owner of the socket can open it',
  { skip: process.platform === 'win32' && 'has no modes' },
  async (context) => {
    const { owned } = await servedNode(context);
    assert.equal((await stat(owned.socketPath)).mode & 0o777, 0o600);
  },
);

test('HTTP/1.1 and HTTP/2 are served on one socket', async (context) => {
  const { owned, node } = await servedNode(context);
  const nodeId = toHex(node.id);

  const http1 = request({ socketPath: owned.socketPath, path: statusPath, method: 'POST' });
  http1.setHeader('content-type', 'application/json').end('{}');
  const [response] = await once(http1, 'response');
  assert.equal(response.statusCode, 200);
  assert.equal(JSON.parse(await textOf(response)).nodeId, nodeId);

  const session = connectHttp2('http://lattice', { createConnection: () => connect(owned.socketPath) });
  context.after(() => session.destroy());
  const http2 = session.request({
    ':method': 'POST',
    ':path': statusPath,
    'content-type': 'application/json',
  });
  http2.end('{}');
  const [headers] = await once(http2, 'response');
  assert.equal(headers[':status'], 200);
  assert.equal(JSON.parse(await textOf(http2)).nodeId, nodeId);
});

test('a client that sends its first bytes one by one is served', async (context) => {
  const { owned } = await servedNode(context);
  const socket = await rawSocket(context, owned.socketPath);
  socket.setNoDelay(true);
  const text = `PO${'' /* one write each */}ST ${statusPath} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
  for (const byte of text) await new Promise((resolve) => socket.write(byte, resolve));
  assert.match(await textOf(socket), /^HTTP\/1\.1 200 /);
});

test('garbage on the socket disturbs nobody', async (context) => {
  const { owned, node, connectClient } = await servedNode(context);
  const client = await connectClient();
  const garbage: Uint8Array[] = [
    utf8('hello\r\n\r\n'),
    utf8('P'),
    utf8('PR'),
    utf8('PRI'),
    utf8('PRI * HTTP/2.0\r\n\r\nnonsense'),
    utf8('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff'),
    utf8('GET / HTTP/1.1\r\nHost: [\r\n\r\n'),
    utf8(`POST ${statusPath} HTTP/1.0\r\n\r\n`),
    utf8(
      `POST ${statusPath} HTTP/1.1\r\nHost: [\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
    ),
    utf8(
      `POST ${statusPath} HTTP/1.1\r\nHost: x\r\nContent-Type: application/proto\r\nContent-Length: 4\r\n\r\n\xff`,
    ),
    utf8(`POST ${statusPath} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`),
    new Uint8Array(100_000),
    new Uint8Array(100_000).fill(255),
  ];
  for (const bytes of garbage) {
    const socket = await rawSocket(context, owned.socketPath);
    socket.end(bytes);
    socket.resume();
    await client.nodeStatus({});
  }
  assert.equal((await client.nodeStatus({})).nodeId, toHex(node.id));
});

test('a message over the limit is refused, and the connection stays', async (context) => {
  const { node, connectClient } = await servedNode(context);
  await node.createMesh();
  const client = await connectClient();
  await assert.rejects(client.put({ key: utf8('a'), value: new Uint8Array(5 * 1024 * 1024) }), {
    code: 'message-too-large',
  });
  await client.put({ key: utf8('a'), value: utf8('1') });
});

test('a socket that a dead process left behind is replaced', async (context) => {
  const { socketPath, directory } = await nodeDirectory(context);
  await leaveStaleSocket(socketPath);
  const owned = await openAsOwner(directory, { role: 'daemon', logger: silentLogger });
  await owned.close({ drainMs: 0 });
});

test('a file in the place of the socket is left alone', async (context) => {
  const { socketPath, machine, directory } = await nodeDirectory(context);
  await writeFile(socketPath, 'precious');
  await assert.rejects(openAsOwner(directory, { role: 'daemon', logger: silentLogger }), {
    code: 'socket-path-taken',
  });
  assert.equal((await stat(socketPath)).size, 8);
  assert.ok(!machine.isOpen, 'the node was closed again');
  assert.ok(!directory.isLocked(), 'the directory was unlocked again');
});

/** Binds it in a process-like way that never unlinks: Node unlinks only what it closes, so the file is moved meanwhile. */
async function leaveStaleSocket(socketPath: string): Promise<void> {
  const { rename } = await import('node:fs/promises');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${socketPath}.old`, resolve));
  await rename(`${socketPath}.old`, socketPath);
  await new Promise((resolve) => server.close(resolve));
}

async function textOf(stream: AsyncIterable<Buffer | string>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
