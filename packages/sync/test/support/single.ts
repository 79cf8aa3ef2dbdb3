import type { EntryRef, Hash, Hlc } from '@lattice/model';
import { newMessage, wire } from '@lattice/proto';
import { type SyncEffect, type SyncOutcome, SyncSession, type SyncStore } from '@lattice/sync';

type Body = wire.SyncMessage['body'];
/** The fields of each kind of message, those that are left out being empty. */
export type Words = Parameters<typeof newMessage<typeof wire.SyncMessageSchema>>[1]['body'];

/** A store of nothing but names, all of which it knows. */
export function storeOf(tips: readonly EntryRef[], knows: readonly EntryRef[] = tips): SyncStore {
  const isSame = (a: EntryRef, b: EntryRef) => a.hash.join() === b.hash.join();
  return {
    tips: () => tips,
    timeOf: ({ seq }) => BigInt(seq) as Hlc,
    digest: () => bytes(32, tips.length) as Hash,
    knows: (entry) => knows.some((known) => isSame(known, entry)),
    samples: (of) => [of],
    outgoing: () => [][Symbol.iterator](),
    horizon: () => 1_000n as Hlc,
  };
}

export function refNamed(author: number, seq: number, hash = seq): EntryRef {
  return {
    author: bytes(32, author) as EntryRef['author'],
    seq,
    hash: hashNamed(author, hash),
  };
}

function hashNamed(author: number, number: number): Hash {
  const hash = bytes(32, author);
  new DataView(hash.buffer).setUint32(0, number);
  return hash as Hash;
}

export function bytes(length: number, fill: number): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

/** One side of a session that is spoken to by hand. */
export class Single {
  readonly session: SyncSession;
  readonly effects: SyncEffect[] = [];

  constructor(
    role: 'initiator' | 'responder',
    store: SyncStore,
    options: { readonly handover?: boolean; readonly whole?: boolean } = {},
  ) {
    this.session = new SyncSession({ role, store, nonce: bytes(16, 1), ...options });
    if (role === 'initiator') this.effects.push(...this.session.step({ kind: 'start' }));
  }

  /** What it does about that message. */
  hears(body: Words): readonly SyncEffect[] {
    const message = newMessage(wire.SyncMessageSchema, body === undefined ? {} : { body });
    const effects = this.session.step({ kind: 'message', message });
    this.effects.push(...effects);
    return effects;
  }

  /** The cases of all that it has sent. */
  get said(): readonly Body['case'][] {
    return this.effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message.body.case] : []));
  }

  get outcome(): SyncOutcome | undefined {
    return this.effects.flatMap((effect) => (effect.kind === 'end' ? [effect.outcome] : []))[0];
  }
}
