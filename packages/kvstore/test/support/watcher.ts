import assert from 'node:assert/strict';
import { type KvChanges, kvHandle } from '@lattice/kvstore';
import { displayUtf8, toHex } from '@lattice/model';
import { PageReader, type ReplicaRig } from '@lattice/testkit';

/** Somebody who keeps a map of a store's keys by watching it, as an application would. */
export class Watcher {
  readonly seen = new Map<string, string>();
  cursor: string | undefined;
  resets = 0;
  pages: KvChanges[] = [];
  readonly #reader: PageReader<KvChanges>;

  constructor(
    readonly rig: ReplicaRig,
    readonly prefix: Uint8Array = new Uint8Array(0),
  ) {
    this.#reader = new PageReader(rig, () => this.#begin());
  }

  /** Reads one page if there is one; resolves with nothing when there is nothing more to tell for now. */
  async pull(): Promise<KvChanges | undefined> {
    const page = await this.#reader.pull();
    if (page) this.#take(page);
    return page;
  }

  async readAll(): Promise<void> {
    while ((await this.pull()) !== undefined);
  }

  /** Is gone, and will come back with its last cursor. What it was about to be told is lost. */
  leave(): void {
    this.#reader.leave();
  }

  /** What the store has, in the same form. */
  actual(): Map<string, string> {
    const { replica } = this.rig;
    const kv = kvHandle(replica);
    return new Map(
      [...kv.list({ prefix: this.prefix })].map(({ key, value, conflicted }) => {
        const [winner] = kv.heads(key);
        assert.ok(winner);
        return [toHex(key), textOf({ value, conflicted, ...pick(winner) })];
      }),
    );
  }

  assertKnowsAll(): void {
    // Equal maps: `deepEqual` does not look at the order of their keys.
    assert.deepEqual(this.seen, this.actual());
  }

  #begin(): AsyncIterable<KvChanges> {
    const since = this.cursor === undefined ? {} : { since: this.cursor };
    return kvHandle(this.rig.replica).watch({ prefix: this.prefix, ...since });
  }

  #take(page: KvChanges): void {
    this.pages.push(page);
    if (page.reset) {
      this.seen.clear();
      this.resets++;
    }
    for (const { key, value, ...rest } of page.changes) {
      if (value === undefined) this.seen.delete(toHex(key));
      else this.seen.set(toHex(key), textOf({ value, ...rest }));
    }
    this.cursor = page.cursor;
  }
}

/** "a=1 b" for a put and a delete, "a=1!" for a conflict. */
export function told({ changes }: KvChanges): string {
  return changes
    .map(({ key, value, conflicted }) => {
      const mark = conflicted ? '!' : '';
      return displayUtf8(key) + (value === undefined ? '' : `=${displayUtf8(value)}`) + mark;
    })
    .join(' ');
}

function pick({ author, time }: { readonly author: Uint8Array; readonly time: bigint }) {
  return { author, time };
}

function textOf(item: {
  readonly value: Uint8Array;
  readonly conflicted: boolean;
  readonly author: Uint8Array;
  readonly time: bigint;
}): string {
  return [toHex(item.value), item.conflicted, toHex(item.author), item.time].join(' ');
}
