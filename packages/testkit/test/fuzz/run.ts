import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface FuzzOptions {
  readonly seed: number;
  /** Of a target whose share is one. */
  readonly cases: number;
  /** A case that takes so long hangs: each is no more than milliseconds' work. 30 s unless given. */
  readonly hungAfterMs?: number;
}

/** How a target fared. */
export interface FuzzReport {
  readonly target: string;
  readonly cases: number;
  readonly accepted: number;
}

/** What a case did that it must not. */
export interface FuzzFinding {
  readonly target: string;
  readonly case: number;
  /** Hexadecimal. */
  readonly input: string;
  readonly problem: string;
}

export type FuzzMessage =
  | { readonly kind: 'report'; readonly report: FuzzReport }
  | { readonly kind: 'finding'; readonly finding: FuzzFinding };

/** What the worker is given. `progress` is where it writes what it is at: a target's number, and a case's (-1: none yet). */
export interface FuzzTask extends FuzzOptions {
  readonly progress: Int32Array;
  readonly targets: readonly string[];
}

/** No input is longer than some 100 KiB: whoever needs more for one than this keeps to no bound. */
const heapMiBMax = 192;

/** Runs the targets in a thread of their own, so that one that hangs, or takes all memory, is found as well. */
export async function fuzz(targets: readonly string[], options: FuzzOptions): Promise<readonly FuzzReport[]> {
  const progress = new Int32Array(new SharedArrayBuffer(8));
  progress[1] = -1;
  const reports: FuzzReport[] = [];
  const findings: FuzzFinding[] = [];
  const task: FuzzTask = { ...options, progress, targets };
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: heapMiBMax },
  });
  worker.on('message', (message: FuzzMessage) => {
    if (message.kind === 'report') reports.push(message.report);
    else findings.push(message.finding);
  });
  const watchdog = new Watchdog(progress, options.hungAfterMs ?? 30_000, () => void worker.terminate());
  const at = () => `target "${targets[progress[0] ?? 0]}", case ${progress[1]}`;
  try {
    await once(worker, 'exit');
  } catch (error) {
    throw new Error(`seed ${options.seed}, ${at()}: ${String(error)}`, { cause: error });
  } finally {
    watchdog.stop();
  }
  if (watchdog.hasBitten) throw new Error(`seed ${options.seed}, ${at()}: hangs`);
  if (findings.length > 0)
    throw new Error(`seed ${options.seed}: ${findings.map((finding) => textOf(finding)).join('\n\n')}`);
  if (reports.length < targets.length) throw new Error(`seed ${options.seed}, ${at()}: ended there`);
  return reports;
}

class Watchdog {
  hasBitten = false;
  readonly #timer: NodeJS.Timeout;
  #seen = '';

  constructor(progress: Int32Array, hungAfterMs: number, bite: () => void) {
    this.#timer = setInterval(() => {
      const now = progress.join();
      this.hasBitten ||= now === this.#seen && progress[1] !== -1;
      this.#seen = now;
      if (this.hasBitten) bite();
    }, hungAfterMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function textOf({ target, case: number, input, problem }: FuzzFinding): string {
  return `target "${target}", case ${number}, given ${input || 'nothing'}:\n${problem}`;
}
