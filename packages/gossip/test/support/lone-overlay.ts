import { type GossipMessage, Overlay, type OverlayEffect, type OverlayInput } from '@lattice/gossip';
import type { IdKey } from '@lattice/model';
import { Chance } from './chance.js';

export const idOf = (index: number) => `node-${index}` as IdKey;

/** One node, and nobody there but what the test says; itself it is number 0. */
export class LoneOverlay {
  readonly overlay: Overlay;
  nowMs = 0;
  isMember: (index: number) => boolean;

  constructor({
    members,
    isMember = () => true,
    seed = 1,
  }: {
    members: number;
    isMember?: (index: number) => boolean;
    seed?: number;
  }) {
    this.isMember = isMember;
    this.overlay = new Overlay({
      self: idOf(0),
      members: {
        count: () => members,
        has: (id) => this.isMember(Number(id.slice(5))),
        any: () => undefined,
      },
      random: new Chance(seed),
    });
  }

  step(input: OverlayInput): readonly OverlayEffect[] {
    return this.overlay.step(input, this.nowMs);
  }

  hear(from: number, message: GossipMessage): readonly OverlayEffect[] {
    return this.step({ kind: 'message', from: idOf(from), message });
  }

  befriend(...peers: readonly number[]): void {
    for (const peer of peers) this.hear(peer, { kind: 'neighbor', high: true });
  }

  /** Lets time pass, waking it whenever it wants to be. */
  pass(ms: number): readonly OverlayEffect[] {
    const untilMs = this.nowMs + ms;
    const effects: OverlayEffect[] = [];
    for (let wakes = 0; this.overlay.wakeAtMs <= untilMs && wakes < 1_000; wakes++) {
      this.nowMs = Math.max(this.nowMs, this.overlay.wakeAtMs);
      effects.push(...this.step({ kind: 'wake' }));
    }
    this.nowMs = untilMs;
    return effects;
  }
}

export function messagesTo(effects: readonly OverlayEffect[], peer: number): readonly GossipMessage[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' && effect.to === idOf(peer) ? [effect.message] : [],
  );
}
