import { assert, equalBytes, type Hash, type NodeId } from '@lattice/model';
import type { Chain } from './chain-table.js';
import type { ReplicaCore } from './replica-core.js';

/** Which of the chains of this node's key is the one that it writes. */
export class OwnChain {
  readonly #core: ReplicaCore;
  readonly #self: NodeId;

  constructor(core: ReplicaCore, self: NodeId) {
    this.#core = core;
    this.#self = self;
  }

  /**
   * The chain that this node goes on writing; where it does not know of one of its own making, the longest of its key that
   * no repair of the clock has left.
   */
  current(): Chain | undefined {
    const { dag, meta } = this.#core.state;
    const number = meta.number('own-chain');
    const known = number === undefined ? undefined : dag.index.chains.at(number);
    // A node may have had another key when it was noted, and a state that went back to a checkpoint knows of what it wrote then.
    if (known && equalBytes(known.author, this.#self) && !dag.replacements.isLeft(known)) return known;
    const current = this.#notLeft();
    const [first, ...others] = current.length > 0 ? current : dag.index.chains.of(this.#self);
    return others.reduce(
      (longest, chain) => (chain.tipSeq > (longest?.tipSeq ?? 0) ? chain : longest),
      first,
    );
  }

  /** Goes on from the entry of that hash, which it just wrote. */
  remember(hash: Hash): Chain {
    const { dag, meta, kv } = this.#core.state;
    const own = dag.index.chains.of(this.#self).find(({ tipHash }) => equalBytes(tipHash, hash));
    assert(own, 'what was just written is the tip of a chain');
    if (meta.number('own-chain') !== own.number)
      kv.transaction(() => meta.setNumber('own-chain', own.number));
    return own;
  }

  /** How many histories there are, apart from those that a repair of the clock has left, or was cut off in. */
  branches(): number {
    const { index } = this.#core.state.dag;
    const chains = this.#notLeft();
    if (chains.length < 2) return chains.length;
    const current = this.current();
    // A repair that came to its end is gone on from, here or in a copy of this node.
    return chains.filter((chain) => chain === current || !index.entry(chain.tipRef).again).length;
  }

  #notLeft(): readonly Chain[] {
    const { index, replacements } = this.#core.state.dag;
    return index.chains.of(this.#self).filter((chain) => !replacements.isLeft(chain));
  }
}
