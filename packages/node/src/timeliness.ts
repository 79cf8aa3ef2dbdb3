import type { MeshView } from '@lattice/meshstore';
import { durationText, type Hlc, hlcToMs, hlcZero, idKey, LatticeError } from '@lattice/model';
import type { NodeContext } from './context.js';

/**
 * Whether the machine's clock is set to a time before this node was let into a mesh, by more than the node makes up for: what it
 * wrote would be dated before its own admission, and count nowhere. The mesh's creator was let in before all time.
 */
export class Timeliness {
  readonly #context: Pick<NodeContext, 'clock' | 'hlc' | 'key'>;
  readonly #view: () => MeshView;
  /** Since when it is a member by that view: each put asks. */
  #admission: { readonly view: MeshView; readonly at: Hlc; readonly ms: number } | undefined;

  constructor(context: Pick<NodeContext, 'clock' | 'hlc' | 'key'>, view: () => MeshView) {
    this.#context = context;
    this.#view = view;
  }

  get isBeforeAdmission(): boolean {
    return this.#admitted().at > this.#context.hlc.horizon();
  }

  /**
   * Throws `clock-behind` where that is so. Where it is not, what is written next is dated behind the admission, also where that
   * lay beyond the horizon of a clock that was set right since.
   */
  require(): void {
    const { clock, hlc } = this.#context;
    const { at, ms } = this.#admitted();
    const nowMs = clock.nowMs();
    if (nowMs > ms) return;
    if (this.isBeforeAdmission) throw clockBehind(ms - nowMs);
    hlc.observe(at);
  }

  #admitted(): { readonly at: Hlc; readonly ms: number } {
    const view = this.#view();
    if (this.#admission?.view === view) return this.#admission;
    const at = view.members.get(idKey(this.#context.key.nodeId))?.admittedAt ?? hlcZero;
    // Also where the clock is set back between this and the entry.
    this.#context.hlc.observe(at);
    this.#admission = { view, at, ms: hlcToMs(at) };
    return this.#admission;
  }
}

function clockBehind(byMs: number): LatticeError {
  return new LatticeError(
    'clock-behind',
    `By the clock of this machine it takes ${durationText(byMs)} until this node is let into that mesh: what it writes now would count nowhere. Set the clock, then repeat this. If it is right, that of whoever let this node in was ahead, and this has to wait.`,
  );
}
