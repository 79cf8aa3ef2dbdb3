import fs from 'node:fs';
import { lanes } from './lanes.js';

/**
 * How many batches of each lane were acknowledged, in a file: written at once and synchronously, it outlives the process as
 * surely as the process's own knowledge was true.
 */
export class Acknowledged {
  readonly #file: number;
  readonly #counts: number[] = lanes.map(() => 0);

  constructor(path: string) {
    const text = fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '';
    for (const line of text.split('\n').slice(0, -1)) {
      const [lane = 0, count = 0] = line.split(' ').map(Number);
      this.#counts[lane] = count;
    }
    this.#file = fs.openSync(path, 'a');
  }

  of(lane: number): number {
    return this.#counts[lane] ?? 0;
  }

  set(lane: number, count: number): void {
    if (count === this.of(lane)) return;
    fs.writeSync(this.#file, `${lane} ${count}\n`);
    this.#counts[lane] = count;
  }

  get total(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }
}
