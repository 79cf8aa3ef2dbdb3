/** A node in a process of its own that looks for others nearby, and tells whom it found where. */
import { keyPairFromSeed } from '@lattice/crypto';
import { silentLogger } from '@lattice/model';
import { IrohTransport, LanDiscovery } from '@lattice/net';
import type { LanOptions, LanReport } from './lan-node.js';
import { realTimers } from './real-timers.js';

const { seed, known } = JSON.parse(process.argv[2] ?? '{}') as LanOptions;
const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
const seedOf = (number: number) => new Uint8Array(32).fill(number);
const peers = known.map((number) => ({ number, nodeId: keyPairFromSeed(seedOf(number)).nodeId }));

const transport = await IrohTransport.bind({
  seed: seedOf(seed),
  alpn: 'lattice-test/1',
  relay: 'off',
  timers: realTimers,
  logger: silentLogger,
});
const discovery = new LanDiscovery({
  host: {
    self: transport.nodeId,
    address: () => transport.address(),
    peers: () => peers.map(({ nodeId }) => nodeId),
    found: ({ nodeId, direct }) => {
      const number = peers.find((peer) => peer.nodeId === nodeId)?.number ?? 0;
      tell({ kind: 'found', peer: number, direct });
    },
  },
  timers: realTimers,
  random,
  logger: silentLogger,
});
process.on('message', (message) => {
  if (message === 'review') discovery.review();
  else void discovery[Symbol.asyncDispose]().then(() => process.exit());
});
tell({ kind: 'up', ports: transport.boundPorts() });

function tell(report: LanReport): void {
  process.send?.(report);
}
