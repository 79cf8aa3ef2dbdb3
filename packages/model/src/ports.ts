/** The wall clock. The only one: whatever must agree between nodes never reads it. */
export interface Clock {
  /** Unix milliseconds; may jump in either direction. */
  nowMs(): number;
}

/** Cryptographic randomness, or a seeded generator in simulations. */
export interface Random {
  bytes(length: number): Uint8Array;
}

/** Cancels what was scheduled. Cancelling twice, or after it ran, does nothing. */
export type Cancel = () => void;

/** Durations and what happens after them; apart from the wall clock, which may jump. */
export interface Timers {
  /** Milliseconds that only grow, from an arbitrary origin. */
  monotonicMs(): number;
  /** Runs `task` once, no sooner than `delayMs` from now, never before this call returned. */
  after(delayMs: number, task: () => void): Cancel;
  /** Resolves in a later turn of the event loop: what long work awaits between its slices. */
  yield(): Promise<void>;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where a node writes what its operator may want to know. Never data, never secrets. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
}

export const silentLogger: Logger = { log: () => undefined };
