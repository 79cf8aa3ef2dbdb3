import { type IdKey, unreachable } from '@lattice/model';
import type { BroadcastId, GossipMessage, TreeMessage, ViewMessage } from './messages.js';
import { BroadcastTree } from './tree.js';
import type { TreeEffect, TreeInput, TreeParameters } from './tree-types.js';
import type { ViewEffect, ViewInput, ViewsOptions } from './view-types.js';
import { Views } from './views.js';

export interface OverlayOptions extends ViewsOptions {
  readonly tree?: Partial<TreeParameters>;
}

export type OverlayInput =
  | { readonly kind: 'message'; readonly from: IdKey; readonly message: GossipMessage }
  | Exclude<ViewInput, { kind: 'message' }>
  | Exclude<TreeInput, { kind: 'message' | 'up' | 'down' }>;

export type OverlayEffect =
  | { readonly kind: 'send'; readonly to: IdKey; readonly message: GossipMessage }
  | Exclude<ViewEffect, { kind: 'send' }>
  | Exclude<TreeEffect, { kind: 'send' }>;

/** What one node does for one mesh: its views, and the tree over the links of the active one. */
export class Overlay {
  readonly #views: Views;
  readonly #tree: BroadcastTree;

  constructor(options: OverlayOptions) {
    this.#views = new Views(options);
    this.#tree = new BroadcastTree(options.tree);
  }

  active(): readonly IdKey[] {
    return this.#views.active();
  }

  passive(): readonly IdKey[] {
    return this.#views.passive();
  }

  eager(): readonly IdKey[] {
    return this.#tree.eager();
  }

  /** Whether that came by a push along the tree, as far as is remembered. */
  cameByPush(id: BroadcastId): boolean {
    return this.#tree.cameByPush(id);
  }

  /** When it wants to be woken; by the clock of `step`. An early or needless wake does no harm. */
  get wakeAtMs(): number {
    return Math.min(this.#views.wakeAtMs, this.#tree.wakeAtMs);
  }

  step(input: OverlayInput, nowMs: number): readonly OverlayEffect[] {
    switch (input.kind) {
      case 'pushed':
        return [...this.#neighborly(input.from), ...this.#tree.step(input, nowMs)];
      case 'broadcast':
        return this.#tree.step(input, nowMs);
      case 'message':
        return this.#onMessage(input.from, input.message, nowMs);
      case 'wake':
        return [...this.#viewStep(input, nowMs), ...this.#tree.step(input, nowMs)];
      case 'start':
      case 'lost':
      case 'members':
        return this.#viewStep(input, nowMs);
      default:
        return unreachable(input);
    }
  }

  #onMessage(from: IdKey, message: GossipMessage, nowMs: number): readonly OverlayEffect[] {
    if (!isOfTree(message)) return this.#viewStep({ kind: 'message', from, message }, nowMs);
    return [...this.#neighborly(from), ...this.#tree.step({ kind: 'message', from, message }, nowMs)];
  }

  #viewStep(input: ViewInput, nowMs: number): readonly OverlayEffect[] {
    const effects: OverlayEffect[] = [];
    for (const effect of this.#views.step(input, nowMs)) {
      effects.push(effect);
      if (effect.kind !== 'send') effects.push(...this.#tree.step(effect, nowMs));
    }
    return effects;
  }

  /** Who sends what only neighbors send, and is none, is told so: it must have missed that. */
  #neighborly(peer: IdKey): readonly OverlayEffect[] {
    return this.#views.has(peer) ? [] : [{ kind: 'send', to: peer, message: { kind: 'disconnect' } }];
  }
}

function isOfTree(message: ViewMessage | TreeMessage): message is TreeMessage {
  return message.kind === 'i-have' || message.kind === 'graft' || message.kind === 'prune';
}
