import type { KeyPair } from '@lattice/crypto';
import {
  type Admittance,
  type AnyMachine,
  HybridClock,
  Replica,
  type Sender,
  storeIdOf,
  type VerifiedBundle,
  verifyBundle,
} from '@lattice/kernel';
import {
  type Admission,
  assert,
  type Bundle,
  type Genesis,
  type Hlc,
  type IdKey,
  type LocalRef,
  storeUuid,
  type Timers,
  unreachable,
} from '@lattice/model';
import { type BundleForm, encodeBundle, encodeGenesis, type SendableBundle } from '@lattice/proto';
import { MemoryDisk, MemoryNodeStorage, type MemoryStore } from '@lattice/storage';
import { SeededRandom } from '../mesh/seeded-random.js';
import { VirtualTime } from '../time/virtual-time.js';
import { historyBeginsMs, historyKey } from './random-history.js';

/** One for all rigs of a process, as real chance is one: none of them draws what another has drawn. */
const random = new SeededRandom(1);

/** Lets everybody's entries count. */
export const everybody: Admission = {
  rule: () => ({ spans: [{ after: -1n as Hlc }], cutOffs: [] }),
  authors: () => [],
  alsoKept: () => [],
};

export interface RigOptions {
  readonly genesis: Genesis;
  readonly machine: AnyMachine | undefined;
  /** The node's own; one that no generated history knows, unless given. */
  readonly key?: KeyPair;
  /** `everybody` unless given; `'none'`: to be set later. */
  readonly admission?: Admission | 'none';
  readonly projectUncounted?: boolean;
  readonly disk?: MemoryDisk;
  readonly time?: VirtualTime;
  readonly timers?: Timers;
  readonly checkpointPolicy?: Parameters<typeof Replica.open>[0]['checkpointPolicy'];
}

/** How a store came to be opened again. */
export type Ending =
  | 'closed'
  /** The process was killed. */
  | 'killed'
  /** The machine crashed: the state is what it was at its last checkpoint, if there is one. */
  | 'crashed'
  /** The state is gone: it is rebuilt from the log. */
  | 'state-lost'
  /** The state is what it was earlier, as `keepState` returned it: what the log has beyond it is replayed. */
  | (() => void);

/** A replica on a disk in memory, which can be closed, killed, damaged and opened again. */
export class ReplicaRig implements AsyncDisposable {
  readonly disk: MemoryDisk;
  readonly time: VirtualTime;
  readonly #options: RigOptions;
  readonly #uuid: string;
  #admission: Admission | undefined;
  #machine: AnyMachine | undefined;
  #replica: Replica | undefined;

  static async open(options: RigOptions): Promise<ReplicaRig> {
    const rig = new ReplicaRig(options);
    await rig.open();
    return rig;
  }

  private constructor(options: RigOptions) {
    this.#options = options;
    this.#uuid = storeUuid(storeIdOf(options.genesis));
    this.#admission = options.admission === 'none' ? undefined : (options.admission ?? everybody);
    this.#machine = options.machine;
    this.disk = options.disk ?? new MemoryDisk();
    this.time = options.time ?? new VirtualTime({ nowMs: historyBeginsMs });
  }

  get replica(): Replica {
    assert(this.#replica, 'the rig is open');
    return this.#replica;
  }

  /** What the disk holds of the store. The state has everything then that was acknowledged, as whoever reads it finds. */
  get stored(): MemoryStore {
    void this.#replica?.state;
    const stored = this.disk.stores.get(this.#uuid);
    assert(stored, 'the store was created');
    return stored;
  }

  async setAdmission(admission: Admission): Promise<void> {
    if (this.#options.admission !== 'none') this.#admission = admission;
    await this.replica.setAdmission(admission);
  }

  /** Takes a bundle as from the wire: encoded, decoded and verified. A thin one that does not do is asked for in full. */
  async receive(
    bundle: Bundle | SendableBundle,
    form: BundleForm = 'full',
    from: Sender = 'a peer' as IdKey,
  ): Promise<Admittance> {
    const receipt = await this.replica.receive(encoded(bundle, form), from);
    switch (receipt.kind) {
      case 'needs-full':
        assert(form === 'thin', 'a full bundle is not asked for again');
        return this.receive(bundle, 'full', from);
      case 'malformed':
      case 'bad-signature':
        throw new Error(`an honest bundle verifies, not: ${receipt.kind}`);
      case 'admitted':
        return { kind: 'admitted', entries: receipt.entries };
      case 'known':
      case 'pending':
      case 'held':
      case 'refused':
        return receipt;
      default:
        return unreachable(receipt);
    }
  }

  verified(bundle: Bundle | SendableBundle, form: BundleForm = 'full'): VerifiedBundle {
    const verification = verifyBundle(encoded(bundle, form), (author, seq) =>
      this.replica.lookUp(author, seq),
    );
    if (verification.kind === 'needs-full' && form === 'thin') return this.verified(bundle, 'full');
    assert(verification.kind === 'verified', `an honest bundle verifies, not: ${verification.kind}`);
    return verification.bundle;
  }

  /** Ends it that way and opens it again, with another version of the machine if that is given. */
  async reopen(ending: Ending = 'closed', machine: AnyMachine | undefined = this.#machine): Promise<void> {
    if (ending === 'killed') this.disk.kill();
    if (ending === 'crashed') this.disk.crash();
    await this.close();
    if (ending === 'state-lost') this.stored.state.tables.clear();
    if (typeof ending === 'function') ending();
    this.#machine = machine;
    await this.open();
  }

  /** The state as it is now: call what is returned, while the rig is closed, and it is so again. */
  keepState(): () => void {
    const { state } = this.stored;
    const copies = state.copies();
    return () => state.replace(copies);
  }

  async close(): Promise<void> {
    const replica = this.#replica;
    this.#replica = undefined;
    await replica?.[Symbol.asyncDispose]();
  }

  /** Opens it again after a `close`. */
  async open(): Promise<void> {
    const {
      genesis,
      key = historyKey(0, 1_000),
      projectUncounted = false,
      timers = this.time,
      checkpointPolicy,
    } = this.#options;
    const storage = new MemoryNodeStorage(this.disk);
    const store = this.disk.stores.has(this.#uuid)
      ? await storage.openStore(this.#uuid)
      : await storage.createStore(this.#uuid, encodeGenesis(genesis));
    this.#replica = await Replica.open({
      genesis,
      storage: store,
      machine: this.#machine,
      projectUncounted,
      ...(this.#admission && { admission: this.#admission }),
      key,
      clock: new HybridClock(this.time),
      timers,
      random,
      ...(checkpointPolicy && { checkpointPolicy }),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Timers by which every slice of work is soon over, so that long work is interrupted at every turn. */
export function hastyTimers(time: VirtualTime): Timers {
  let calls = 0;
  return {
    monotonicMs: () => time.monotonicMs() + calls++,
    after: (delayMs, task) => time.after(delayMs, task),
    yield: () => time.yield(),
  };
}

/** Timers by which every step of long work is a slice of its own; `between` is called whenever it rests. */
export function interruptingTimers(time: VirtualTime, between: () => void | Promise<void>): Timers {
  let calls = 0;
  return {
    monotonicMs: () => time.monotonicMs() + 100 * calls++,
    after: (delayMs, task) => time.after(delayMs, task),
    yield: async () => {
      await between();
      await time.yield();
    },
  };
}

/** What is in a bundle that was made to be sent; it must verify. */
export function opened(bundle: SendableBundle): Bundle {
  const verification = verifyBundle(bundle.encode('full'), () => undefined);
  assert(verification.kind === 'verified', `what is sent verifies, not: ${verification.kind}`);
  return verification.bundle;
}

function encoded(bundle: Bundle | SendableBundle, form: BundleForm): Uint8Array {
  return 'encode' in bundle ? bundle.encode(form) : encodeBundle(bundle, form);
}

/** The alias of an entry that must be there. */
export function mustFind(replica: Replica, named: Parameters<Replica['find']>[0]): LocalRef {
  const ref = replica.find(named);
  assert(ref !== undefined, `entry ${named.seq} is in the DAG`);
  return ref;
}
