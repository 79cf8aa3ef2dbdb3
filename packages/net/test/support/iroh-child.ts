/** A node in a process of its own, on loopback or as its argument says: tells where it is, and echoes every stream. */
import { silentLogger } from '@lattice/model';
import type { Connection, Stream } from '@lattice/net-types';
import type { BindAddress, Ports } from '@lattice/net';
import { IrohTransport } from '@lattice/net';
import { VirtualTime } from '@lattice/testkit';
import type { ChildReport } from './child-node.js';

interface ChildOptions {
  readonly seed: number;
  readonly bind: readonly BindAddress[];
  readonly preferredPorts: Ports;
}

const { seed, bind, preferredPorts } = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const time = new VirtualTime();
const beganMs = performance.now();
const transport = await IrohTransport.bind({
  seed: new Uint8Array(32).fill(seed),
  alpn: 'lattice-test/1',
  bind,
  preferredPorts,
  relay: 'off',
  timers: time,
  logger: silentLogger,
});
const bindMs = performance.now() - beganMs;

transport.onAddressChange(tell);
process.on('message', (message) => {
  if (message === 'look') void time.advance(5_000);
  else void transport[Symbol.asyncDispose]().then(() => process.exit());
});
tell();
for (let peer = await transport.accept(); peer !== undefined; peer = await transport.accept())
  void serve(peer);

function tell(): void {
  const { direct } = transport.address();
  const report: ChildReport = {
    ports: transport.boundPorts(),
    direct,
    nodeId: [...transport.nodeId],
    bindMs,
  };
  process.send?.(report);
}

async function serve(peer: Connection): Promise<void> {
  for (let stream = await peer.acceptStream(); stream !== undefined; stream = await peer.acceptStream()) {
    void echo(stream).catch(() => undefined);
  }
}

async function echo(stream: Stream): Promise<void> {
  for (let piece = await stream.read(); piece !== undefined; piece = await stream.read()) {
    await stream.write(piece);
  }
  await stream.finish();
}
