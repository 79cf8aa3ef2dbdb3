import { parentPort, workerData } from 'node:worker_threads';
import { assert, type Logger } from '@lattice/model';
import { IrohTransport } from '../iroh/iroh-transport.js';
import { allAnswered, promptlyAnswered } from '../iroh/native-calls.js';
import { parseRelayChoice } from '../iroh/relay-choice.js';
import { threadTimers as timers } from '../system-ports.js';
import type { Opening, ThreadData } from './iroh-thread.js';
import { partsOf, type Request, threadStages, type Tidings } from './messages.js';
import { TransportHost } from './transport-host.js';

/** The thread that `openIrohThread` starts: it has the endpoint, and ends when that is closed and nothing is left of it. */
const port = parentPort;
assert(port, 'this runs in a thread of its own');
const { options, stage } = workerData as ThreadData;
const tell = (message: Opening | Tidings, transfer: readonly ArrayBuffer[] = []) =>
  port.postMessage(message, transfer);
const logger: Logger = { log: (level, message, fields = {}) => tell({ is: 'log', level, message, fields }) };

const transport = await bind();
if (transport) {
  tell({ is: 'bound', address: transport.address(), ports: transport.boundPorts() });
  const host = new TransportHost(transport, tell, timers);
  port.on('message', (request: Request) => host.serve(request));
  await host.closed;
  await promptlyAnswered();
  come(threadStages.ending);
  await allAnswered();
}
port.close();
come(threadStages.over);

function come(to: number): void {
  const at = new Int32Array(stage);
  Atomics.store(at, 0, to);
  Atomics.notify(at, 0);
}

async function bind(): Promise<IrohTransport | undefined> {
  try {
    return await IrohTransport.bind({ ...options, relay: parseRelayChoice(options.relay), timers, logger });
  } catch (error) {
    tell({ is: 'notBound', error: partsOf(error) });
    return undefined;
  }
}
