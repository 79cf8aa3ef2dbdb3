import { parseNodeId } from '@lattice/model';
import type { MemoryTransport, TransportRig } from '@lattice/testkit';
import { MemoryNetwork, VirtualTime } from '@lattice/testkit';

export function nodeId(number: number) {
  return parseNodeId(new Uint8Array(32).fill(number));
}

/** Without latency: the suite drives no clock. */
export function memoryRig(): Promise<TransportRig> {
  const network = new MemoryNetwork({ timers: new VirtualTime() });
  const opened: MemoryTransport[] = [];
  return Promise.resolve({
    deadAddress: 'memory:nobody',
    open() {
      const transport = network.transport(nodeId(opened.length + 1));
      opened.push(transport);
      return Promise.resolve(transport);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((transport) => transport[Symbol.asyncDispose]()));
    },
  });
}
