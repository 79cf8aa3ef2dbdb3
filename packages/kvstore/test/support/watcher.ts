import assert from 'node:assert/strict';
import { type KvChanges, kvHandle } from '@lattice/kvstore';
import { displayUtf8, toHex } from '@lattice/model';
import type { ReplicaRig } from '@lattice/testkit';

type Pulled = KvChanges | 'ended' | { readonly error: unknown };

/** Somebody who keeps a map of a store's keys by watching it, as an application would. */
export class Watcher {
  readonly seen = new Map<string, string>();
  cursor: string | undefined;
  resets = 0;
  pages: KvChanges[] = [];
  #watch: AsyncIterator<KvChanges> | undefined;
  #pulling: Promise<Pulled> | undefined;

  constructor(
    readonly rig: ReplicaRig,
    readonly prefix: Uint8Array = new Uint8Array(0),
  ) {}

  /** Reads one page if there is one; resolves with nothing when there is nothing more to tell for now. */
  async pull(): Promise<KvChanges | undefined> {
    this.#watch ??= this.#begin();
    let pulled: Pulled | undefined;
    this.#pulling ??= this.#watch.next().then(
      ({ value, done }) => (done === true ? 'ended' : value),
      (error: unknown) => ({ error }),
    );
    void this.#pulling.then((result) => (pulled = result));
    await this.rig.time.advance(0);
    if (pulled === undefined) return undefined;
    this.#pulling = undefined;
    if (pulled === 'ended') return undefined;
    if ('error' in pulled) {
      this.#watch = undefined;
      throw pulled.error;
    }
    this.#take(pulled);
    return pulled;
  }

  async readAll(): Promise<void> {
    while ((await this.pull()) !== undefined);
  }

  /** Is gone, and will come back with its last cursor. What it was about to be told is lost. */
  leave(): void {
    this.#watch = undefined;
    this.#pulling = undefined;
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

  #begin(): AsyncIterator<KvChanges> {
    const since = this.cursor === undefined ? {} : { since: this.cursor };
    const watch = kvHandle(this.rig.replica).watch({ prefix: this.prefix, ...since });
    return watch[Symbol.asyncIterator]();
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
