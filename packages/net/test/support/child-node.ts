import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseNodeId } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';
import type { BindAddress, Ports } from '@lattice/net';

/** What the child says of itself. */
export interface ChildReport {
  readonly ports: Ports;
  readonly direct: readonly string[];
  readonly nodeId: readonly number[];
  readonly bindMs: number;
}

export interface ChildOptions {
  readonly seed?: number;
  readonly bind?: readonly BindAddress[];
  readonly preferredPorts?: Ports;
  /** What the command is run by, such as `ip netns exec name`. */
  readonly wrapper?: readonly string[];
}

/** A node in a process of its own. */
export class ChildNode implements AsyncDisposable {
  readonly #process: ChildProcess;
  #report: ChildReport | undefined;

  static async start({
    seed = 1,
    bind = [{ host: 'localhost' }],
    preferredPorts = {},
    wrapper = [],
  }: ChildOptions) {
    const script = fileURLToPath(new URL('./iroh-child.js', import.meta.url));
    const options = JSON.stringify({ seed, bind, preferredPorts });
    const [command, ...args] = [...wrapper, process.execPath, script, options];
    const child = new ChildNode(spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    await child.nextReport();
    return child;
  }

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  get report(): ChildReport {
    if (this.#report === undefined) throw new Error('the child has not reported yet');
    return this.#report;
  }

  get address(): PeerAddress {
    return { nodeId: parseNodeId(Uint8Array.from(this.report.nodeId)), direct: this.report.direct };
  }

  async nextReport(): Promise<ChildReport> {
    const ended = once(this.#process, 'exit').then(([code]) => {
      throw new Error(`the child ended with ${String(code)}`);
    });
    const [report] = (await Promise.race([once(this.#process, 'message'), ended])) as [ChildReport];
    ended.catch(() => undefined);
    this.#report = report;
    return report;
  }

  /** Lets as much time pass in the child as it takes to look at its addresses again. */
  look(): void {
    this.#process.send('look');
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exit;
  }

  async close(): Promise<void> {
    const exit = once(this.#process, 'exit');
    this.#process.send('close');
    await exit;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
