import {
  assert,
  compareEntryRefs,
  type Entry,
  type EntryRef,
  type Hash,
  type Hlc,
  hlcMax,
  hlcNext,
  hlcZero,
  idKey,
  type NodeId,
} from '@lattice/model';
import { BundlePacker } from './bundle-packer.js';
import type { Chain } from './chain-table.js';
import type { Dag } from './dag.js';
import type { EntryRecord } from './entry-record.js';
import type { ReplicaCore } from './replica-core.js';
import type { Sealer } from './sealer.js';
import { trustOwn, type VerifiedBundle } from './verify.js';

/** What an own entry goes on from. */
export type End = Pick<EntryRecord, 'seq' | 'hash' | 'time'>;

/** An entry to be written, but for its place; it is dated no earlier than its `hlc`. */
export type Wanted = Pick<Entry, 'hlc' | 'deps' | 'payload' | 'instead'>;

export interface OwnBranchOptions {
  readonly author: NodeId;
  readonly sealer: Sealer;
  /** Is given one bundle after the other, each with as many entries as may be. */
  readonly commit: (bundle: VerifiedBundle) => Promise<void>;
}

/** Entries that this node writes one behind the other, not as somebody asks for them, but in place of what it wrote before. */
export class OwnBranch {
  readonly #core: ReplicaCore;
  readonly #options: OwnBranchOptions;
  readonly #packer = new BundlePacker();
  #end: End;

  /** `from`: an own entry; absent where it is to be the first of its chain. */
  constructor(core: ReplicaCore, from: End | undefined, options: OwnBranchOptions) {
    this.#core = core;
    this.#options = options;
    this.#end = from ?? { seq: 0, hash: core.options.id, time: hlcZero };
  }

  get end(): End {
    return this.#end;
  }

  /** Goes on from that own entry. */
  goOnFrom(end: End): void {
    this.#end = end;
  }

  /** All that the entry names is in the DAG. It is committed by `finish`, or before that. */
  async write(wanted: Wanted): Promise<Hash> {
    const entry = this.#placed(wanted);
    const { hash, bundle } = this.#options.sealer.signed(entry);
    if (!this.#packer.fits(bundle)) await this.finish();
    this.#packer.add(bundle);
    this.#end = { seq: entry.seq, hash, time: this.#timeOf(entry) };
    return hash;
  }

  async finish(): Promise<void> {
    if (!this.#packer.isEmpty) await this.#options.commit(trustOwn(this.#packer.take()));
  }

  #placed(wanted: Wanted): Entry {
    const { seq, hash, time } = this.#end;
    const hlc = hlcMax(wanted.hlc, hlcNext(time));
    return { ...wanted, author: this.#options.author, seq: seq + 1, prev: hash, hlc };
  }

  #timeOf({ hlc, deps }: Entry): Hlc {
    return deps.reduce<Hlc>(
      (time, dep) => hlcMax(time, hlcNext(recordNamed(this.#core.state.dag, dep).time)),
      hlc,
    );
  }
}

/** Of what an entry of the DAG names. */
export function recordNamed({ index }: Pick<Dag, 'index'>, { author, seq, hash }: EntryRef): EntryRecord {
  const record = index.recordOf(author, seq, hash);
  assert(record, 'what an entry of the DAG names is there');
  return record;
}

/** As an entry names them: in order, each once. */
export function sortedRefs(refs: Iterable<EntryRef>): EntryRef[] {
  const all = new Map([...refs].map((ref) => [idKey(ref.hash), ref]));
  return [...all.values()].sort(compareEntryRefs);
}

/** The last entry of a chain, or of what it branched from, up to that time: along it times grow. */
export function lastWithin(
  { index }: Pick<Dag, 'index'>,
  chain: Pick<Chain, 'number' | 'tipSeq'>,
  horizon: Hlc,
): EntryRecord | undefined {
  const at = (seq: number) => index.entry(index.refAt({ chain: chain.number, seq }));
  let [within, beyond] = [0, chain.tipSeq + 1];
  while (within + 1 < beyond) {
    const middle = Math.floor((within + beyond) / 2);
    if (at(middle).time <= horizon) within = middle;
    else beyond = middle;
  }
  return within === 0 ? undefined : at(within);
}
