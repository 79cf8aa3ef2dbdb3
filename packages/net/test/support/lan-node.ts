import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ports } from '@lattice/net';
import type { Namespace } from '@lattice/net/testing';

export interface LanOptions {
  /** Whose key it has. */
  readonly seed: number;
  /** Whom it would like to find. */
  readonly known: readonly number[];
}

export type LanReport =
  | { readonly kind: 'up'; readonly ports: Ports }
  | { readonly kind: 'found'; readonly peer: number; readonly direct: readonly string[] };

type Found = Extract<LanReport, { kind: 'found' }>;

/** A node on a machine of its own that looks for others nearby. */
export class LanNode implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #reports: AsyncIterator<[LanReport]>;
  #ports: Ports = {};

  static async start(host: Namespace, options: LanOptions): Promise<LanNode> {
    const node = new LanNode(
      spawnIn(host, new URL('./lan-child.js', import.meta.url), JSON.stringify(options)),
    );
    const up = await node.#next();
    if (up.kind === 'up') node.#ports = up.ports;
    return node;
  }

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.#reports = on(process, 'message', { close: ['exit'] }) as AsyncIterator<[LanReport]>;
  }

  get ports(): Ports {
    return this.#ports;
  }

  /** The next news of that peer by which it is at all of these addresses. */
  async finds(peer: number, ...direct: readonly string[]): Promise<Found> {
    for (;;) {
      const report = await this.#next();
      if (report.kind !== 'found' || report.peer !== peer) continue;
      if (direct.every((address) => report.direct.includes(address))) return report;
    }
  }

  /** As when its network has changed. */
  review(): void {
    this.#process.send('review');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#process);
  }

  async #next(): Promise<LanReport> {
    const next = await this.#reports.next();
    if (next.done === true) throw new Error('the child has ended');
    return next.value[0];
  }
}

/** Somebody on the link who knows no node's id. */
export class LanStranger implements AsyncDisposable {
  /** Packets in hexadecimal. */
  readonly heard: string[] = [];
  readonly #process: ChildProcess;
  #told = new Set<string>();
  #onTold: () => void = () => undefined;

  static async start(host: Namespace, address: string): Promise<LanStranger> {
    const stranger = new LanStranger(spawnIn(host, new URL('./lan-stranger.js', import.meta.url), address));
    await stranger.#is('up');
    return stranger;
  }

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('message', (message: string) => {
      if (message === 'up' || message === 'said') this.#told.add(message);
      else this.heard.push(message);
      this.#onTold();
    });
  }

  /** Sends hundreds of announcements of nobody, odd ones among them, and bytes that are no packets. */
  async says(): Promise<void> {
    this.#process.send('say');
    await this.#is('said');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#process);
  }

  #is(what: string): Promise<void> {
    return new Promise((resolve) => {
      this.#onTold = () => {
        if (this.#told.has(what)) resolve();
      };
      this.#onTold();
    });
  }
}

function spawnIn(host: Namespace, script: URL, argument: string): ChildProcess {
  const [command, ...args] = [...host.wrapper, process.execPath, fileURLToPath(script), argument];
  return spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

async function end(process: ChildProcess): Promise<void> {
  const exit = once(process, 'exit');
  process.kill('SIGKILL');
  await exit;
}
