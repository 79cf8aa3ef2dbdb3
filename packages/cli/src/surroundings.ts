import { homedir } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { DataDirectory, DiskDirectoryOptions } from '@lattice/daemon';
import type { Timers } from '@lattice/model';
import type { Pager } from './output/pager.js';
import { systemTimers, wallClockMs } from './system-ports.js';

export interface InputStream extends Readable {
  readonly isTTY?: boolean;
  /** Of a terminal: whether keys come as they are pressed, unechoed, instead of line by line. */
  setRawMode?(isRaw: boolean): unknown;
}

export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** What a process is surrounded by, so that tests can run the command line without one. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: string;
  readonly homeDir: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Milliseconds that only grow. */
  readonly monotonicMs: () => number;
  /** The wall clock: Unix milliseconds. */
  readonly nowMs: () => number;
  readonly timers: Timers;
  /** Calls back for every wish to stop (Ctrl-C, SIGTERM, a terminal that closes). Returns what ends that. */
  readonly onStop: (listener: (signal: StopSignal) => void) => () => void;
  /** Ends the process at once, for those who ask to stop a second time. */
  readonly exitNow: (status: number) => void;
  /** Gives the terminal back to whoever started the process, as Ctrl-Z does, until it is told to go on. */
  readonly suspend: () => void;
  /** Calls back when it goes on. Returns what ends that. */
  readonly onContinue: (listener: () => void) => () => void;
  readonly openDirectory: (options: DiskDirectoryOptions) => Promise<DataDirectory>;
  /** Absent: long output is printed as it is. */
  readonly openPager?: () => Promise<Pager | undefined>;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The real ones. */
export function processSurroundings(): Surroundings {
  return {
    env: process.env,
    cwd: process.cwd(),
    platform: process.platform,
    homeDir: homedir(),
    // Looking at it opens it, which most commands have no need for.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    monotonicMs: () => systemTimers.monotonicMs(),
    nowMs: wallClockMs,
    timers: systemTimers,
    onStop,
    suspend: () => process.kill(process.pid, 'SIGTSTP'),
    onContinue: (listener) => {
      process.on('SIGCONT', listener);
      return () => process.off('SIGCONT', listener);
    },
    exitNow: (status) => process.exit(status),
    // Loaded when it is wanted: `help` wants no node.
    openDirectory: async (options) => (await import('@lattice/daemon')).diskDirectory(options),
    openPager: async () => (await import('./output/pager.js')).openPager(process.env),
  };
}

function onStop(listener: (signal: StopSignal) => void): () => void {
  const signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
