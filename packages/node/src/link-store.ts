import type { HybridClock, Receipt, Replica } from '@lattice/kernel';
import {
  type Bundle,
  type EntryRef,
  type Hash,
  type Hlc,
  idKey,
  LatticeError,
  type NodeId,
  type StoreId,
  unreachable,
} from '@lattice/model';
import type { LinkStore } from '@lattice/net';
import type { SendableBundle } from '@lattice/proto';
import type { AdmitOutcome } from '@lattice/sync';

/** A replica as connections see it. */
export class ReplicaLinkStore implements LinkStore {
  readonly id: StoreId;
  readonly #replica: Replica;
  readonly #clock: HybridClock;
  readonly #allCount: (bundle: Bundle) => Promise<boolean>;
  #closed: LatticeError | undefined;

  /** `allCount`: whether all entries of a bundle that was let in count, where that matters to anybody. */
  constructor(
    replica: Replica,
    clock: HybridClock,
    allCount: (bundle: Bundle) => Promise<boolean> = async () => true,
  ) {
    this.id = replica.id;
    this.#replica = replica;
    this.#clock = clock;
    this.#allCount = allCount;
  }

  /** From here on whatever connections ask for fails so: what lies behind it must not be touched any more. */
  close(reason: LatticeError): void {
    this.#closed ??= reason;
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }

  tips(): readonly EntryRef[] {
    return this.#open.tips();
  }

  timeOf(tip: EntryRef): Hlc {
    return this.#open.timeOf(tip);
  }

  digest(): Hash {
    return this.#open.digest();
  }

  entries(): number {
    return this.#open.entriesKept();
  }

  knows(entry: EntryRef): boolean {
    return this.#open.find(entry) !== undefined;
  }

  samples(of: EntryRef): readonly EntryRef[] {
    return this.#open.samples(of);
  }

  outgoing(has: readonly EntryRef[], horizon: Hlc): Iterator<SendableBundle | undefined> {
    return this.#whileOpen(this.#open.outgoing(has).inSteps(horizon));
  }

  horizon(): Hlc {
    return this.#clock.horizon();
  }

  async admit(bytes: Uint8Array, from: NodeId): Promise<AdmitOutcome> {
    if (this.#closed) return { kind: 'unable', reason: this.#closed.message };
    try {
      return await this.#outcomeOf(await this.#replica.receive(bytes, idKey(from)));
    } catch (error) {
      if (error instanceof LatticeError) return { kind: 'unable', reason: error.message };
      throw error;
    }
  }

  get #open(): Replica {
    if (this.#closed) throw this.#closed;
    return this.#replica;
  }

  *#whileOpen(bundles: Iterable<SendableBundle | undefined>): Generator<SendableBundle | undefined> {
    for (const bundle of bundles) {
      yield bundle;
      if (this.#closed) throw this.#closed;
    }
  }

  async #outcomeOf(receipt: Receipt): Promise<AdmitOutcome> {
    switch (receipt.kind) {
      case 'needs-full':
        return { kind: 'needs-full' };
      case 'malformed':
        return { kind: 'invalid', reason: receipt.reason };
      case 'bad-signature':
        return { kind: 'invalid', reason: 'a signature is wrong' };
      case 'admitted':
        return {
          kind: 'taken',
          entries: receipt.entries,
          uncounted: !(await this.#allCount(receipt.bundle)),
        };
      case 'known':
        return { kind: 'taken', entries: 0 };
      case 'pending':
      case 'held':
        return { kind: 'taken', entries: 0, waits: true };
      case 'refused':
        return { kind: 'invalid', reason: receipt.reason };
      default:
        return unreachable(receipt);
    }
  }
}
