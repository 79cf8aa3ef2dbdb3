import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Logger } from '@lattice/model';
import type { PeerAddress, Transport } from '@lattice/net-types';
import type { IrohOptions } from '../iroh/iroh-transport.js';
import type { Ports } from '../iroh/socket-plan.js';
import { HostedTransport } from './hosted-transport.js';
import { type ErrorParts, errorOf, type Tidings } from './messages.js';
import { runningThreads } from './running-threads.js';

/** What the thread is to bind: `IrohOptions`, but for what does not cross; the relay as it is written. */
export type IrohThreadOptions = Omit<IrohOptions, 'timers' | 'logger' | 'relay'> & { readonly relay: string };

/** What the thread is started with. */
export interface ThreadData {
  readonly options: IrohThreadOptions;
  /** An `Int32Array` of one: how far the thread is, of `threadStages`. */
  readonly stage: SharedArrayBuffer;
}

/** What it says first. */
export type Opening =
  | { readonly is: 'bound'; readonly address: PeerAddress; readonly ports: Ports }
  | { readonly is: 'notBound'; readonly error: ErrorParts };

/**
 * `IrohTransport` in a thread of its own: the binding moves bytes on the thread that calls it, and takes 60 ns and more for
 * each, which this thread has for other things then. Rejects as `IrohTransport.bind` does.
 */
export async function openIrohThread(
  options: IrohThreadOptions,
  logger: Logger,
): Promise<{ readonly transport: Transport; readonly ports: Ports }> {
  const stage = new SharedArrayBuffer(4);
  const worker = new Worker(new URL('./iroh-worker.js', import.meta.url), {
    name: 'lattice network',
    workerData: { options, stage } satisfies ThreadData,
  });
  runningThreads.add(worker, new Int32Array(stage));
  const [opening] = (await once(worker, 'message')) as [Opening];
  if (opening.is === 'notBound') throw errorOf(opening.error);
  const transport = new ThreadTransport(worker, opening.address, logger);
  return { transport, ports: opening.ports };
}

class ThreadTransport extends HostedTransport {
  readonly #worker: Worker;

  constructor(worker: Worker, address: PeerAddress, logger: Logger) {
    super((request, transfer) => worker.postMessage(request, transfer), address, logger);
    this.#worker = worker;
    worker.on('message', (tidings: Tidings) => this.hear(tidings));
    // What it is asked for and fails is answered so; anything else is a bug, and as fatal there as it is here.
    worker.on('error', (error) => {
      throw error;
    });
  }

  /** The thread ends by itself, once the binding has answered all, and keeps no process from ending. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    this.#worker.unref();
  }
}
