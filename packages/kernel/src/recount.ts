import type { Admission, Bundle, LocalRef, NodeId, Timers } from '@lattice/model';
import type { OrderedKv } from '@lattice/storage';
import { AdmissionRules } from './admission-rules.js';
import type { Chain } from './chain-table.js';
import type { EntryRecord } from './entry-record.js';
import type { StoreState } from './ingest.js';
import type { LogReader } from './log-reader.js';
import type { Rebuild } from './projection.js';
import { TimeSlice } from './time-slice.js';

/** Entries that count now and did not, or the other way round. */
interface Flips {
  readonly in: readonly EntryRecord[];
  readonly out: number;
}

/** Brings what counts, what is kept, and the machine's state in line with an admission. */
export class Recount {
  readonly #state: StoreState;
  readonly #rules: AdmissionRules;
  readonly #reader: LogReader;
  readonly #timers: Timers;

  constructor(state: StoreState, kv: OrderedKv, reader: LogReader, timers: Timers) {
    this.#state = state;
    this.#rules = new AdmissionRules(kv.table('rules'), kv.table('named'), state.dag.index.chains);
    this.#reader = reader;
    this.#timers = timers;
  }

  /** Counts under another admission from now on. A new member, the common case, costs a look at the authors here. */
  async adopt(admission: Admission): Promise<void> {
    const { dag, kv } = this.#state;
    dag.setAdmission(admission);
    const differing = this.#rules.differing(admission);
    if (this.#rules.namesFewer(admission)) await this.rebuild();
    else await this.recheck(differing);
    kv.transaction(() => {
      dag.keepNamed();
      dag.save([]);
      this.#rules.remember(differing, admission);
    });
  }

  /** Of what was let in under this admission, which is the one in force. */
  rememberFollowed(admission: Admission): void {
    const authors = this.#rules.differing(admission);
    if (authors.length > 0) this.#state.kv.transaction(() => this.#rules.remember(authors, admission));
  }

  /** What is counted from here on is counted under no admission: the next one looks at everybody. */
  forgetRules(): void {
    this.#state.kv.transaction(() => this.#rules.forget());
  }

  /** Counts these authors' entries anew. */
  async recheck(authors: readonly NodeId[]): Promise<void> {
    const flips = await this.#flips(authors);
    if (flips.in.length === 0 && flips.out === 0) return;
    if (flips.out > 0 || !this.#state.projectUncounted) await this.rebuild();
    else this.#letIn(flips.in);
  }

  /** Computes everything that depends on what counts anew from the log; reads see the old state until it is swapped. */
  async rebuild(): Promise<void> {
    const { kv, meta, dag, eras, projection } = this.#state;
    const rebuild = projection.beginRebuild();
    kv.transaction(() => {
      meta.setNumber('recounting', 1);
      meta.remove('invalid');
      meta.remove('needs-upgrade');
      dag.keeping.reset();
    });
    const bundleAt = this.#reader.sequentially();
    const slice = new TimeSlice(this.#timers);
    let ref = 0;
    while (ref < dag.nextRef) {
      kv.transaction(() => {
        for (; ref < dag.nextRef && !slice.isOver; ref++)
          this.#recountEntry(ref as LocalRef, bundleAt, rebuild);
        dag.save([]);
      });
      await slice.rest();
    }
    kv.transaction(() => {
      dag.keepNamed();
      dag.save([]);
      rebuild.swap();
      eras.renew();
      meta.remove('recounting');
    });
    rebuild.discardOld();
  }

  /** Aliases are in causal order, which the log is not where a hole in it made a bundle come again. */
  #recountEntry(ref: LocalRef, bundleAt: (offset: number) => Bundle | undefined, rebuild: Rebuild): void {
    const { dag, projectUncounted } = this.#state;
    const before = dag.index.entry(ref);
    const record = { ...before, counted: dag.counting.counts(before) };
    if (record.counted !== before.counted) dag.index.put(record);
    if (record.counted) dag.keeping.keep(record);
    if (!record.counted && !projectUncounted) return;
    const entry = bundleAt(record.offset)?.entries[record.index];
    if (entry) rebuild.apply(entry, record, dag);
  }

  #letIn(entries: readonly EntryRecord[]): void {
    const { kv, dag } = this.#state;
    kv.transaction(() => {
      for (const entry of entries) {
        dag.index.put({ ...entry, counted: true });
        dag.keeping.keep(entry);
      }
      dag.save([]);
    });
  }

  async #flips(authors: readonly NodeId[]): Promise<Flips> {
    const { dag } = this.#state;
    const slice = new TimeSlice(this.#timers);
    const flipped: EntryRecord[] = [];
    let out = 0;
    for (const author of authors) {
      for (const chain of dag.index.chains.of(author)) {
        for (const record of this.#entriesOf(chain)) {
          if (dag.counting.counts(record) === record.counted) continue;
          if (record.counted) out++;
          else flipped.push(record);
        }
        await slice.rest();
      }
    }
    return { in: flipped, out };
  }

  *#entriesOf(chain: Chain): Iterable<EntryRecord> {
    const { index } = this.#state.dag;
    for (const ref of index.refsFrom(chain.number, chain.firstSeq)) yield index.entry(ref);
  }
}
