import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { diskDirectory, type NodeAccess, openOrConnect } from '@lattice/daemon';
import { silentLogger, utf8 } from '@lattice/model';
import type { Namespace } from '@lattice/net/testing';
import { until } from './until.js';
import { workplace } from './workplace.js';

export interface Ran {
  readonly status: number | null;
  /** What ended it, where it did not end by itself. */
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine of its own as far as anybody can tell: a data directory, and the real program run on it. */
export class Machine {
  readonly dataDir: string;
  readonly #folder: string;
  #env: NodeJS.ProcessEnv;
  readonly #wrapper: readonly string[];
  readonly #children = new Set<ChildProcess>();
  #daemon: ChildProcess | undefined;
  #access: NodeAccess | undefined;

  /** Without a network of its own it has loopback for one; with one, it listens everywhere on it, or as said. */
  constructor(
    context: TestContext,
    options: { readonly dataDir?: string; readonly network?: Namespace; readonly bind?: string } = {},
  ) {
    const { folder, env } = workplace(context);
    this.#folder = folder;
    this.#env = options.network ? { ...env, LATTICE_BIND: options.bind ?? '' } : env;
    this.#wrapper = options.network?.wrapper ?? [];
    this.dataDir = options.dataDir ?? join(folder, 'data');
    context.after(() => this.#endAll());
  }

  /** Where commands run; also removed when the test is over. */
  get folder(): string {
    return this.#folder;
  }

  /** The path of the running daemon's socket. */
  get socket(): string {
    return join(this.dataDir, 'lattice.sock');
  }

  /** Writes a file beside the data directory, and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.#folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** Sets the clock of what is started from now on: ahead of the real one by that. */
  setClockAhead(aheadMs: number): void {
    const preload = `const { now } = Date; Date.now = () => now() + ${aheadMs};`;
    this.#env = {
      ...this.#env,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
    };
  }

  /** Runs one command to its end. */
  run(...argv: readonly string[]): Promise<Ran> {
    return this.runWith('', ...argv);
  }

  /** Runs one command to its end, with that on its standard input. */
  runWith(input: string | Uint8Array, ...argv: readonly string[]): Promise<Ran> {
    return ended(this.#spawn(argv), input);
  }

  /** Runs one command to its end, as another user of the system. */
  runAs(uid: number, ...argv: readonly string[]): Promise<Ran> {
    return ended(this.#spawn(argv, { uid, gid: uid }), '');
  }

  /** Runs one command that must succeed, and returns the JSON document that it printed. */
  async json(...argv: readonly string[]): Promise<unknown> {
    const { status, signal, stdout, stderr } = await this.run('--json', ...argv);
    assert.equal(status, 0, `${argv.join(' ')}: ${signal ?? ''} ${stderr}`);
    return JSON.parse(stdout) as unknown;
  }

  /** Starts a command that the test ends, or that ends by itself. */
  start(...argv: readonly string[]): ChildProcess {
    const child = this.#spawn(argv);
    child.stdin?.end();
    return child;
  }

  #spawn(argv: readonly string[], as: { readonly uid?: number; readonly gid?: number } = {}): ChildProcess {
    const options = { cwd: this.#folder, env: this.#env, stdio: 'pipe', ...as } as const;
    const program = [...this.#wrapper, join(this.#folder, 'lattice')];
    const [command = '', ...args] = [...program, '--data-dir', this.dataDir, ...argv];
    const child = spawn(command, args, options);
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    return child;
  }

  /** Resolves when the daemon says that it is ready. */
  async startDaemon(): Promise<void> {
    const child = this.start('--json', 'daemon');
    this.#daemon = child;
    assert(child.stdout);
    const stderr = textOf(child.stderr);
    for await (const line of createInterface(child.stdout)) {
      assert.match(line, /"socket"/);
      return;
    }
    assert.fail(`the daemon ended: ${await stderr}`);
  }

  /** Sends the daemon a signal that does not end it; returns its process id. */
  signalDaemon(signal: 'SIGSTOP' | 'SIGCONT'): number {
    assert(this.#daemon?.pid, 'the daemon runs');
    this.#daemon.kill(signal);
    return this.#daemon.pid;
  }

  /** Ends the daemon: cleanly, or as a crash would. */
  async stopDaemon(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#daemon;
    assert(child, 'the daemon runs');
    this.#daemon = undefined;
    await this.#disconnect();
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }

  /** Removes what is computed from the logs; while no process of it runs. */
  removeStates(): void {
    for (const store of readdirSync(join(this.dataDir, 'stores')))
      for (const file of readdirSync(join(this.dataDir, 'stores', store)))
        if (file.startsWith('state')) rmSync(join(this.dataDir, 'stores', store, file));
  }

  /** The value of a key as the running daemon has it. */
  async peek(key: string): Promise<string | undefined> {
    const { value } = await (await this.#client()).get({ key: utf8(key) });
    return value && Buffer.from(value).toString();
  }

  /** How many entries the running daemon has in the selected store, and its digest. */
  async holds(): Promise<{ readonly entries: number; readonly digest: string }> {
    const { entries, digest } = await (await this.#client()).storeStatus({});
    return { entries: Number(entries), digest };
  }

  /** The digest of the mesh's own store, as the running daemon has it. */
  async meshDigest(): Promise<string> {
    return (await (await this.#client()).meshStatus({})).digest;
  }

  /** The daemon's API, without the cost of a process for each call. */
  async #client(): Promise<NodeAccess['client']> {
    this.#access ??= await openOrConnect(
      diskDirectory({ dataDir: this.dataDir, logger: silentLogger, version: 'test' }),
      { role: 'command', logger: silentLogger },
    );
    assert(!this.#access.owned, 'a daemon runs');
    return this.#access.client;
  }

  /** Waits until the running daemon has that value; fails after `withinMs`. */
  async untilHas(key: string, value: string, withinMs = 10_000): Promise<void> {
    await until(
      async () => (await this.peek(key)) === value,
      withinMs,
      () => `${key} did not become ${value}`,
    );
  }

  async #disconnect(): Promise<void> {
    await this.#access?.close({ drainMs: 0 });
    this.#access = undefined;
  }

  async #endAll(): Promise<void> {
    await this.#disconnect();
    const closing = [...this.#children].map((child) => once(child, 'close'));
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(closing);
  }
}

async function ended(child: ChildProcess, input: string | Uint8Array): Promise<Ran> {
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  // It may end without having read it.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { status, signal, stdout: await stdout, stderr: await stderr };
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString();
}
