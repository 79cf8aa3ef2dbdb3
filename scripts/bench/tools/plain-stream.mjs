// A stream over Iroh that carries bytes and nothing else, as the transport makes it: in the pieces that the product sends.
import { silentLogger } from '@lattice/model';
import { openIrohThread, parseBind } from '@lattice/net';
import { random } from './ports.mjs';

/** As one write of the product's: a bundle. */
const writeBytes = 64 * 1024;

/** The transport has to be held on to for as long as it is used. */
export async function openPlainTransport() {
  const options = { alpn: 'lattice-benchmark/1', bind: parseBind('127.0.0.1:0'), relay: 'off' };
  const { transport } = await openIrohThread({ seed: random.bytes(32), ...options }, silentLogger);
  return transport;
}

/** Sends to everybody who connects as many bytes as it asks for. */
export async function servePlain(transport) {
  for (let peer = await transport.accept(); peer; peer = await transport.accept()) void sendTo(peer);
}

/** Gets so many bytes; resolves when all are there. */
export async function pullPlain(transport, address, bytes) {
  const connection = await transport.connect(address, AbortSignal.timeout(10_000));
  const stream = await connection.openStream();
  await stream.write(new TextEncoder().encode(String(bytes)));
  await stream.finish();
  let got = 0;
  for (let piece = await stream.read(); piece; piece = await stream.read()) got += piece.length;
  connection.close('done');
  if (got !== bytes) throw new Error(`A plain stream carried ${got} bytes of ${bytes}.`);
}

async function sendTo(peer) {
  const stream = await peer.acceptStream();
  const asked = [];
  for (let piece = await stream.read(); piece; piece = await stream.read()) asked.push(...piece);
  const bytes = Number(String.fromCharCode(...asked));
  const chunk = random.bytes(writeBytes);
  for (let sent = 0; sent < bytes; sent += writeBytes) await stream.write(chunk.subarray(0, bytes - sent));
  await stream.finish();
}
