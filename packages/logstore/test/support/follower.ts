import assert from 'node:assert/strict';
import { logHandle, type LogAdditions } from '@lattice/logstore';
import { compareBytes, displayUtf8, toHex } from '@lattice/model';
import { PageReader, type ReplicaRig } from '@lattice/testkit';

/** Somebody who keeps a copy of a log by following it, as an application would. */
export class LogFollower {
  /** By position, in hexadecimal digits. */
  readonly seen = new Map<string, string>();
  cursor: string | undefined;
  resets = 0;
  #last = new Uint8Array(0);
  readonly #reader: PageReader<LogAdditions>;

  /** `last`: how many items it begins with. */
  constructor(
    readonly rig: ReplicaRig,
    readonly last = 0,
  ) {
    this.#reader = new PageReader(rig, () => this.#begin());
  }

  /** Reads one page if there is one; resolves with nothing when there is nothing more to tell for now. */
  async pull(): Promise<LogAdditions | undefined> {
    const page = await this.#reader.pull();
    if (page) this.#take(page);
    return page;
  }

  /** What it is told until there is nothing more, "!" for what came late. */
  async readAll(): Promise<string> {
    const told: string[] = [];
    for (let page = await this.pull(); page; page = await this.pull())
      told.push(...page.items.map(({ value, late }) => displayUtf8(value) + (late ? '!' : '')));
    return told.join(' ');
  }

  /** Is gone, and will come back with its last cursor. What it was about to be told is lost. */
  leave(): void {
    this.#reader.leave();
  }

  assertKnowsAll(): void {
    const items = [...logHandle(this.rig.replica).range()];
    const actual = new Map(items.map(({ position, value }) => [toHex(position), toHex(value)]));
    assert.deepEqual(this.seen, actual);
  }

  #begin(): AsyncIterable<LogAdditions> {
    const options = this.cursor === undefined ? { last: this.last } : { since: this.cursor };
    return logHandle(this.rig.replica).follow(options);
  }

  #take({ items, cursor, reset }: LogAdditions): void {
    if (reset) {
      this.seen.clear();
      this.#last = new Uint8Array(0);
      this.resets++;
    }
    for (const { position, value, late } of items) {
      const name = toHex(position);
      assert.ok(!this.seen.has(name), 'nothing is told twice');
      this.seen.set(name, toHex(value));
      // What lies before something told is late; what was there before it began may make more of them so.
      const isBefore = compareBytes(position, this.#last) < 0;
      assert.ok(late || !isBefore, 'what lies before something told is said to be late');
      if (!isBefore) this.#last = position.slice();
    }
    this.cursor = cursor;
  }
}
