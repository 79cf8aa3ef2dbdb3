import { blake3 } from '@lattice/crypto';
import type { EntryRef, Hash, Hlc, NodeId } from '@lattice/model';
import type { SendableBundle } from '@lattice/proto';
import type { AdmitOutcome, SyncStore } from '@lattice/sync';
import type { Speaker } from './conversation.js';

/** How long each author's chain is, by the author's number: 0 where there is none. */
export type Lengths = readonly number[];

/** Nothing but the names of chains, so that there may be very many: notes what would be sent, and sends nothing. */
export class NamedStore implements Speaker {
  readonly store: SyncStore;
  /** By author: from behind which seq on entries would be sent; `undefined` before it comes to that. */
  sendsBehind: Lengths | undefined;
  readonly #lengths: Lengths;

  constructor(lengths: Lengths) {
    this.#lengths = lengths;
    const tips = lengths.flatMap((length, author) => (length > 0 ? [nameOf(author, length)] : []));
    const digest = digestOfTips(tips);
    this.store = {
      tips: () => tips,
      timeOf,
      digest: () => digest,
      knows: (entry) => entry.seq <= this.#length(entry.author),
      samples: (of) => [of],
      outgoing: (has) => this.#note(has),
      horizon: () => (1n << 62n) as Hlc,
    };
  }

  async admit(): Promise<AdmitOutcome> {
    return { kind: 'taken', entries: 0 };
  }

  #note(has: readonly EntryRef[]): Iterator<SendableBundle> {
    const behind = this.#lengths.map(() => 0);
    for (const { author, seq } of has) {
      const number = numberOf(author);
      const own = Math.min(seq, this.#length(author));
      behind[number] = Math.max(behind[number] ?? 0, own);
    }
    this.sendsBehind = behind;
    return [][Symbol.iterator]();
  }

  #length(author: NodeId): number {
    return this.#lengths[numberOf(author)] ?? 0;
  }
}

function nameOf(author: number, seq: number): EntryRef {
  const name = new Uint8Array(36);
  new DataView(name.buffer).setUint32(0, author);
  new DataView(name.buffer).setUint32(32, seq);
  return { author: name.slice(0, 32) as NodeId, seq, hash: blake3('entry', name) };
}

function numberOf(author: NodeId): number {
  return new DataView(author.buffer, author.byteOffset).getUint32(0);
}

/** Chains of one length end within the same second. */
function timeOf({ seq, hash }: EntryRef): Hlc {
  const [a = 0, b = 0] = hash;
  return (BigInt(1_000 * seq + ((256 * a + b) % 1_000)) << 16n) as Hlc;
}

function digestOfTips(tips: readonly EntryRef[]): Hash {
  const hashes = tips.map(({ hash }) => Buffer.from(hash)).sort((a, b) => Buffer.compare(a, b));
  return blake3('tips', Buffer.concat(hashes));
}
