import { randomBytes } from 'node:crypto';
import { silentLogger } from '@lattice/model';
import type { IrohOptions } from '@lattice/net';
import { IrohTransport, openIrohThread } from '@lattice/net';
import type { Transport } from '@lattice/net-types';
import type { TransportRig } from '@lattice/testkit';
import { realTimers } from './real-timers.js';

/** On loopback unless told otherwise, with a fresh key. */
export function bindIroh(options: Partial<IrohOptions> = {}): Promise<IrohTransport> {
  return IrohTransport.bind({
    seed: randomBytes(32),
    alpn: 'lattice-test/1',
    bind: [{ host: 'localhost' }],
    relay: 'off',
    timers: realTimers,
    logger: silentLogger,
    ...options,
  });
}

/** The same in a thread of its own. */
export async function bindIrohThread(): Promise<Transport> {
  const seed = randomBytes(32);
  const options = { seed, alpn: 'lattice-test/1', bind: [{ host: 'localhost' }], relay: 'off' };
  return (await openIrohThread(options, silentLogger)).transport;
}

export function irohRig(): Promise<TransportRig> {
  return rigOf(() => bindIroh());
}

export function irohThreadRig(): Promise<TransportRig> {
  return rigOf(bindIrohThread);
}

function rigOf(bind: () => Promise<Transport>): Promise<TransportRig> {
  const opened: Transport[] = [];
  return Promise.resolve({
    deadAddress: '127.0.0.1:9',
    async open() {
      const transport = await bind();
      opened.push(transport);
      return transport;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((transport) => transport[Symbol.asyncDispose]()));
    },
  });
}
