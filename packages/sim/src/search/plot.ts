import type { SeededRandom } from '@lattice/testkit';
import type { Step } from '../world/step.js';

/** What the teller of a story believes that is so: good enough that most of what it tells makes sense. */
export class Plot {
  readonly random: SeededRandom;
  readonly names: readonly string[];
  readonly members: string[] = [];
  readonly down = new Set<string>();
  readonly invites: string[] = [];
  readonly stores: { readonly name: string; readonly type: 'kv' | 'log' }[] = [{ name: 'main', type: 'kv' }];
  readonly images: { readonly node: string; readonly image: string }[] = [];
  readonly full = new Set<string>();
  #serial = 0;

  constructor(random: SeededRandom, nodes: number) {
    this.random = random;
    this.names = Array.from({ length: nodes }, (_, index) => nameOf(index));
  }

  /** A number that no other has. */
  next(): number {
    return ++this.#serial;
  }

  anyName(): string {
    return this.random.pick(this.names);
  }

  anyMember(): string {
    return this.random.pick(this.members);
  }

  /** A member that runs, where there is one. */
  anyUp(): string {
    const up = this.members.filter((name) => !this.down.has(name));
    return this.random.pick(up.length > 0 ? up : this.members);
  }

  anyStore(type: 'kv' | 'log'): string {
    const [first, ...others] = this.stores.filter((store) => store.type === type);
    return this.random.pick([first, first, ...others])?.name ?? 'main';
  }

  /** Never the one that is there from the beginning. */
  anyLater(): { readonly name: string; readonly type: 'kv' | 'log' } | undefined {
    const later = this.stores.slice(1);
    return later.length > 0 ? this.random.pick(later) : undefined;
  }

  up(node: string): Step {
    this.down.delete(node);
    return { do: 'start', node };
  }

  off(node: string, how: 'stop' | 'kill' | 'crash' = 'kill'): Step {
    this.down.add(node);
    return { do: how, node };
  }

  /** Everybody starts; the first one makes the mesh, and some are in it from the start. */
  beginning(): readonly Step[] {
    const [first = 'a', ...others] = this.names;
    const steps: Step[] = this.names.map((node) => ({ do: 'start', node }));
    steps.push({ do: 'pass', ms: 20 }, { do: 'found', node: first }, { do: 'pass', ms: 50 });
    this.members.push(first);
    const early = others.slice(0, 1 + this.random.below(others.length));
    for (const node of early) steps.push(...this.invited(first, node), { do: 'pass', ms: 200 });
    return [...steps, { do: 'pass', ms: 2_000 }];
  }

  invited(by: string, node: string): readonly Step[] {
    const invite = `i${this.next()}`;
    this.invites.push(invite);
    if (!this.members.includes(node)) this.members.push(node);
    return [
      { do: 'invite', node: by, invite },
      { do: 'pass', ms: 30 },
      { do: 'join', node, invite },
    ];
  }
}

/** a, b ... z, then n26 ... */
function nameOf(index: number): string {
  return index < 26 ? String.fromCharCode(97 + index) : `n${index}`;
}
