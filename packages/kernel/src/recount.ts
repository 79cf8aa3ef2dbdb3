import {
  type Admission,
  type LocalRef,
  type NodeId,
  type Steps,
  type Timers,
  TimeSlice,
} from '@lattice/model';
import type { Chain } from './chain-table.js';
import type { EntryRecord } from './entry-record.js';
import { type StoreState, takesEffect } from './ingest.js';
import type { LogReader } from './log-reader.js';
import type { Rebuild } from './projection.js';

/** Entries that count now and did not, or the other way round. */
interface Flips {
  readonly in: readonly EntryRecord[];
  readonly out: number;
}

/** Brings what counts, what is kept, and the machine's state in line with an admission. */
export class Recount {
  readonly #state: StoreState;
  readonly #reader: LogReader;
  readonly #timers: Timers;

  constructor(state: StoreState, reader: LogReader, timers: Timers) {
    this.#state = state;
    this.#reader = reader;
    this.#timers = timers;
  }

  /** Counts under another admission from now on. A new member, the common case, costs a look at the authors here. */
  async adopt(admission: Admission): Promise<void> {
    const { dag, rules } = this.#state;
    dag.setAdmission(admission);
    const differing = rules.differing(admission);
    if (rules.namesFewer(admission)) await this.rebuild();
    else await this.#recheck(differing);
    this.#remember(differing);
  }

  /** Of what was let in under this admission, which is the one in force. */
  rememberFollowed(admission: Admission): void {
    const { kv, rules } = this.#state;
    const authors = rules.differing(admission);
    if (authors.length > 0) kv.transaction(() => rules.remember(authors, admission));
  }

  /** What is counted from here on is counted under no admission: the next one looks at everybody. */
  forgetRules(): void {
    this.#state.kv.transaction(() => this.#state.rules.forgetAll());
  }

  /** Counts these authors' entries anew. */
  async recheck(authors: readonly NodeId[]): Promise<void> {
    await this.#recheck(authors);
    this.#remember(authors);
  }

  /**
   * Computes everything that depends on what counts anew from the log; reads see the old state until it is swapped. A machine
   * that is given everything has the right state already, and the log may have lost part of what it was given.
   */
  async rebuild(): Promise<void> {
    const { kv, meta, dag, eras, projection, projectUncounted } = this.#state;
    const rebuild = projectUncounted && projection.isCurrent ? undefined : await projection.beginRebuild();
    kv.transaction(() => {
      meta.setNumber('recounting', 1);
      if (rebuild) for (const tally of ['invalid', 'needs-upgrade'] as const) meta.remove(tally);
      dag.keeping.reset();
    });
    await this.#inTransactions(this.#recounting(rebuild));
    kv.transaction(() => {
      dag.keepNamed();
      dag.save([]);
      rebuild?.swap();
      if (rebuild) eras.renew();
      meta.remove('recounting');
    });
    await rebuild?.discardOld();
  }

  async #recheck(authors: readonly NodeId[]): Promise<void> {
    const flips = await new TimeSlice(this.#timers).finish(this.#flips(authors));
    if (flips.in.length === 0 && flips.out === 0) return;
    if (flips.out > 0 || !this.#state.projectUncounted) await this.rebuild();
    else await this.#inTransactions(this.#lettingIn(flips.in));
  }

  #remember(authors: readonly NodeId[]): void {
    const { dag, kv, rules } = this.#state;
    kv.transaction(() => {
      dag.keepNamed();
      dag.save([]);
      rules.remember(authors, dag.counting.admission);
    });
  }

  /** Begun again from its beginning where it is interrupted, or made good for by another look at its authors. */
  #inTransactions(steps: Steps<void>): Promise<void> {
    const { kv, dag } = this.#state;
    const transaction = <R>(work: () => R): R =>
      kv.transaction(() => {
        const result = work();
        dag.save([]);
        return result;
      });
    return new TimeSlice(this.#timers).finish(steps, transaction, () => kv.room());
  }

  /** Aliases are in causal order, which the log is not where a hole in it made a bundle come again. */
  *#recounting(rebuild: Rebuild | undefined): Steps<void> {
    const { dag } = this.#state;
    const bundleAt = this.#reader.sequentially();
    for (let ref = 0; ref < dag.nextRef; ref++) {
      const before = dag.index.entry(ref as LocalRef);
      const record = dag.counted(before);
      if (record.counted !== before.counted || record.replaced !== before.replaced) dag.index.put(record);
      if (record.counted) dag.keeping.keep(record);
      if (rebuild && takesEffect(record, this.#state)) {
        const bundle = yield* bundleAt(record.offset);
        const entry = bundle?.entries[record.index];
        if (entry) rebuild.apply(entry, record, dag);
      }
      yield;
    }
  }

  *#lettingIn(entries: readonly EntryRecord[]): Steps<void> {
    const { dag } = this.#state;
    for (const entry of entries) {
      dag.index.put({ ...entry, counted: true });
      dag.keeping.keep(entry);
      yield;
    }
  }

  *#flips(authors: readonly NodeId[]): Steps<Flips> {
    const { dag } = this.#state;
    const flipped: EntryRecord[] = [];
    let out = 0;
    for (const author of authors) {
      for (const chain of dag.index.chains.of(author)) {
        for (const record of this.#entriesOf(chain)) {
          yield;
          if (dag.counting.counts(record) === record.counted) continue;
          if (record.counted) out++;
          else flipped.push(record);
        }
      }
    }
    return { in: flipped, out };
  }

  *#entriesOf(chain: Chain): Iterable<EntryRecord> {
    const { index } = this.#state.dag;
    for (const ref of index.refsFrom(chain.number, chain.firstSeq)) yield index.entry(ref);
  }
}
