import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { main, type Surroundings } from '@lattice/cli';
import { memoryDirectory, MemoryNode } from '@lattice/daemon/testing';

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the output goes to a terminal. */
  readonly terminal?: boolean;
}

/** The command line over a node in memory that outlives each command, in a folder of its own. */
export class Rig {
  readonly node = new MemoryNode({ dataDir: '/memory', version: '0.1.0' });
  readonly folder = mkdtempSync(join(tmpdir(), 'lattice-cli-'));
  readonly directory = memoryDirectory({
    socketPath: join(this.folder, 's'),
    openNode: () => this.node,
  });
  /** What the commands were to open, in order. */
  readonly opened: Parameters<Surroundings['openDirectory']>[0][] = [];
  #stop: (() => void)[] = [];

  constructor(context: TestContext) {
    context.after(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Ctrl-C. */
  interrupt(): void {
    for (const stop of this.#stop) stop();
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const stdout = new Collector(options.terminal);
    const stderr = new Collector(options.terminal);
    const status = await main(argv, this.surroundings(options, stdout, stderr));
    return { status, stdout: stdout.text, stderr: stderr.text };
  }

  /** The same, for what must succeed: the JSON document that it printed. */
  async json(...argv: readonly string[]): Promise<unknown> {
    const { status, stdout, stderr } = await this.run(['--json', ...argv]);
    if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
    return JSON.parse(stdout) as unknown;
  }

  surroundings(options: RunOptions, stdout: Writable, stderr: Writable): Surroundings {
    let nowMs = 0;
    return {
      env: options.env ?? {},
      cwd: this.folder,
      platform: 'linux',
      homeDir: '/home/somebody',
      stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
      stdout,
      stderr,
      monotonicMs: () => (nowMs += 10),
      onStop: (listener) => {
        const stop = () => listener('SIGINT');
        this.#stop.push(stop);
        return () => (this.#stop = this.#stop.filter((one) => one !== stop));
      },
      exitNow: (status) => {
        throw new Error(`exited at once with ${status}`);
      },
      openDirectory: async (opened) => {
        this.opened.push(opened);
        return this.directory;
      },
    };
  }
}

export class Collector extends Writable {
  readonly isTTY: boolean;
  readonly #chunks: Buffer[] = [];

  constructor(isTerminal = false) {
    super();
    this.isTTY = isTerminal;
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }
}
