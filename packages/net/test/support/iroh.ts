import { randomBytes } from 'node:crypto';
import { silentLogger } from '@lattice/model';
import type { IrohOptions } from '@lattice/net';
import { IrohTransport } from '@lattice/net';
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

export function irohRig(): Promise<TransportRig> {
  const opened: IrohTransport[] = [];
  return Promise.resolve({
    deadAddress: '127.0.0.1:9',
    async open() {
      const transport = await bindIroh();
      opened.push(transport);
      return transport;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((transport) => transport[Symbol.asyncDispose]()));
    },
  });
}
