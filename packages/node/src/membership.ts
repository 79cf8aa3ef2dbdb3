import type { Replica } from '@lattice/kernel';
import { assert, concatBytes, type LogPlace } from '@lattice/model';
import {
  encodeMeshOp,
  type MeshEntry,
  MeshEvaluation,
  type MeshOp,
  type MeshView,
  ProofCache,
  readMeshEntries,
  sameView,
} from '@lattice/meshstore';
import { storeClosed } from './failures.js';

/**
 * What the mesh store says, kept up to date: whenever something is committed to it, that is evaluated too, once for all
 * that was committed in between, and the mesh store itself counts by the outcome.
 */
export class Membership {
  readonly #replica: Replica;
  readonly #proofs = new ProofCache();
  readonly #onChange: (view: MeshView, before: MeshView) => Promise<void>;
  #evaluated: Evaluated | undefined;
  #view: MeshView;
  /** The latest view that all is in line with: after a failure an older one, and the next change makes up for it. */
  #followed: MeshView;
  #isStale = false;
  #isClosed = false;
  #refreshing: Promise<void> | undefined;

  /** `onChange` is called, and awaited, after every change of the view. */
  static async open(
    replica: Replica,
    onChange: (view: MeshView, before: MeshView) => Promise<void>,
  ): Promise<Membership> {
    const membership = new Membership(replica, onChange);
    await replica.setAdmission(membership.view.admission(replica.id));
    replica.onCommit(() => {
      membership.#isStale = true;
      // Whoever needs the outcome awaits `settled`.
      membership.settled().catch(() => undefined);
    });
    return membership;
  }

  private constructor(replica: Replica, onChange: (view: MeshView, before: MeshView) => Promise<void>) {
    this.#replica = replica;
    this.#onChange = onChange;
    this.#view = this.#evaluate();
    this.#followed = this.#view;
  }

  get view(): MeshView {
    return this.#view;
  }

  /** Writes operations to the mesh store; resolves when the view has them. */
  async write(...operations: readonly MeshOp[]): Promise<void> {
    await this.#replica.write(concatBytes(...operations.map(encodeMeshOp)));
    await this.settled();
  }

  /** To be called when the store is another one than what was committed made of it. Resolves when the view has that. */
  async revised(): Promise<void> {
    this.#isStale = true;
    await this.settled();
  }

  /** Resolves when the view reflects everything that was committed before. Rejects with `store-closed`. */
  async settled(): Promise<void> {
    while (this.#isStale || this.#refreshing) {
      if (this.#isClosed) throw storeClosed();
      this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
      await this.#refreshing;
    }
  }

  /** From here on nothing changes any more; resolves when what was under way is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#refreshing?.catch(() => undefined);
  }

  async #refresh(): Promise<void> {
    while (this.#isStale && !this.#isClosed) {
      this.#isStale = false;
      const before = this.#followed;
      const view = this.#evaluate();
      if (before === this.#view && sameView(before, view)) continue;
      this.#view = view;
      await this.#replica.setAdmission(view.admission(this.#replica.id));
      await this.#onChange(view, before);
      this.#followed = view;
    }
  }

  /** Only what came since the last time, as long as what was there then is there still, and came in that order. */
  #evaluate(): MeshView {
    const { applied, state } = this.#replica;
    const known = this.#evaluated;
    const isOn = known !== undefined && applied.fits(known.upTo);
    const upTo = applied.end();
    // Of a bundle that goes in slice by slice the state may have a part that is not committed.
    const range = { from: isOn ? known.upTo.nextRef : undefined, to: upTo.nextRef };
    const entries = readMeshEntries(state, (ref) => this.#replica.info(ref), range);
    const evaluation = isOn ? known.evaluation : this.#begin(entries);
    this.#evaluated = { evaluation, upTo };
    return isOn && entries.length > 0 ? evaluation.add(entries) : evaluation.view;
  }

  #begin(entries: readonly MeshEntry[]): MeshEvaluation {
    const { genesis, id } = this.#replica;
    assert(genesis.kind === 'mesh', 'a mesh store has a mesh genesis');
    return new MeshEvaluation(
      {
        id,
        genesis,
        entries,
        sees: (entry, other) => this.#replica.sees(entry.ref, other.ref),
        seesNamed: (entry, named) => {
          const ref = this.#replica.find(named);
          return ref !== undefined && this.#replica.sees(entry.ref, ref);
        },
        leadsTo: (entry, last) => this.#replica.isChainAncestor(entry, last),
      },
      this.#proofs,
    );
  }
}

/** What was evaluated last, and up to where of the store. */
interface Evaluated {
  readonly evaluation: MeshEvaluation;
  readonly upTo: LogPlace;
}
