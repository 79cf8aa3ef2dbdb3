import { counted } from '@lattice/model';
import type { Writer } from './writer.js';

const redrawEveryMs = 100;

/** What is counted: one, and many. */
export type Unit = readonly [one: string, many: string];

const keys: Unit = ['key', 'keys'];

/** "imported 12,345 keys (23,456/s)" on a line of the terminal while long work goes on; nothing where there is none. */
export class Progress {
  #verb = '';
  #startedMs: number;
  #drawnMs = -Infinity;

  constructor(
    private readonly stderr: Writer,
    private readonly monotonicMs: () => number,
    private readonly unit: Unit = keys,
  ) {
    this.#startedMs = monotonicMs();
  }

  /** Since the work that is now under way began. */
  get elapsedMs(): number {
    return this.monotonicMs() - this.#startedMs;
  }

  /** `done`: how many so far. Another verb is another work, with a rate of its own. */
  update(verb: string, done: number, unit = this.unit): void {
    const nowMs = this.monotonicMs();
    if (verb !== this.#verb) {
      this.#verb = verb;
      this.#startedMs = nowMs;
    }
    if (!this.stderr.isTerminal || nowMs - this.#drawnMs < redrawEveryMs) return;
    this.#drawnMs = nowMs;
    this.stderr.writeNow(`\r\u001b[K${verb} ${this.rate(done, unit)}`);
  }

  /** Takes the line away again. */
  end(): void {
    if (this.#drawnMs > -Infinity) this.stderr.writeNow('\r\u001b[K');
    this.#drawnMs = -Infinity;
  }

  /** "12,345 keys (23,456/s)" */
  rate(done: number, unit = this.unit): string {
    const perSecond = Math.round(done / Math.max(this.elapsedMs / 1_000, 0.001));
    return `${counted(done, ...unit)} (${perSecond.toLocaleString('en')}/s)`;
  }
}
