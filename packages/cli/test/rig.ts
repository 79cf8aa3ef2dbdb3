import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { main, type Surroundings } from '@lattice/cli';
import { type DiskDirectoryOptions, type NodeAccess, openOrConnect } from '@lattice/daemon';
import { memoryDirectory } from '@lattice/daemon/testing';
import { silentLogger } from '@lattice/model';
import { type Kv, type Node, openNode, type Store } from '@lattice/node';
import { NodesInMemory, VirtualTime } from '@lattice/testkit';

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

/**
 * The command line on a data directory in memory, in a folder of its own. Commands open the node, which is called "desk",
 * and close it again, unless a daemon or a shell runs. The clocks are put forward by a second before each command.
 */
export class Rig {
  readonly nodes = new NodesInMemory((ports) => openNode({ ...ports, version: '0.1.0' }));
  readonly machine = this.nodes.machine('desk');
  readonly folder = mkdtempSync(join(tmpdir(), 'lattice-cli-'));
  readonly directory = memoryDirectory({
    socketPath: join(this.folder, 's'),
    openNode: () => this.machine.open(),
  });
  /** What the commands were to open, in order. */
  readonly opened: DiskDirectoryOptions[] = [];
  /** Where the node is; replace it. */
  openDirectory: Surroundings['openDirectory'] = async () => this.directory;
  /** What this program's own timers go by; passes when the test says so. */
  readonly time = new VirtualTime();
  #stop: (() => void)[] = [];

  constructor(context: TestContext) {
    context.after(async () => {
      rmSync(this.folder, { recursive: true, force: true });
      await this.nodes[Symbol.asyncDispose]();
    });
  }

  /** While a daemon, a shell or a command runs it. */
  get node(): Node {
    return this.machine.node;
  }

  /** Lets another node, which is called that, into the mesh. It is not running afterwards. */
  async letIn(peer: string): Promise<void> {
    await this.nodes.join(peer, 'desk');
  }

  /** A token for the mesh of somebody who does not answer. */
  async tokenOfNobody(): Promise<string> {
    const node = await this.nodes.machine('nobody').open();
    await node.startNetwork();
    const { token } = await (await node.createMesh()).createInvite();
    await this.nodes.machine('nobody').close();
    return token;
  }

  /** What that node does in the main store while it is on its own: others hear of it when they meet. */
  async alone(peer: string, work: (kv: Kv) => Promise<unknown>): Promise<void> {
    this.nodes.nowMs += 1_000;
    await this.nodes.alone(peer, (node) => work(mainStore(node).kv()));
  }

  /** Ctrl-C. */
  interrupt(): void {
    for (const stop of this.#stop) stop();
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    this.nodes.nowMs += 1_000;
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

  /** Works with the node through its API. */
  async withNode(
    work: (node: () => Promise<Client>, surroundings: Surroundings) => Promise<void>,
  ): Promise<void> {
    const access = await openOrConnect(this.directory, { role: 'command', logger: silentLogger });
    try {
      await work(async () => access.client, this.surroundings({}, new Collector(), new Collector()));
    } finally {
      await access.close({ drainMs: 0 });
    }
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
      nowMs: () => this.nodes.nowMs,
      timers: this.time,
      suspend: () => undefined,
      onContinue: () => () => undefined,
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
        return this.openDirectory(opened);
      },
    };
  }
}

/** The node as commands know it. */
export type Client = NodeAccess['client'];

/** The main store of the node's first mesh. */
export function mainStore(node: Node): Store {
  return node.meshes()[0]?.store('main') ?? assert.fail('the node is in no mesh');
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
