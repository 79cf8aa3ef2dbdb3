import { type EntryRef, type Hash, type Hlc, parseHash, parseNodeId, type Steps } from '@lattice/model';
import { MalformedError, newMessage, wire } from '@lattice/proto';
import { shortIdBytes } from './keyed-tips.js';
import { rangesBytesPerMessage, shortIdsPerMessage, tipsPerMessage } from './limits.js';
import type { SyncEffect } from './session-types.js';

const shortIdBytesPerMessage = shortIdsPerMessage * shortIdBytes;

type Body = NonNullable<Parameters<typeof newMessage<typeof wire.SyncMessageSchema>>[1]['body']>;

/** Sends one message of a session. */
export function send(body: Body): SyncEffect {
  return { kind: 'send', message: newMessage(wire.SyncMessageSchema, { body }) };
}

export interface DifferingContent {
  readonly tips: readonly EntryRef[];
  readonly unknownShortIds?: Uint8Array;
  readonly horizon: Hlc;
  readonly unionDigest?: Hash;
  readonly partial: boolean;
}

/** Sends a Differing, in as many messages as its lists take. */
export function* differingMessages(content: DifferingContent): Steps<readonly SyncEffect[]> {
  const { tips, unknownShortIds = new Uint8Array(0), horizon, unionDigest, partial } = content;
  const count = Math.max(
    1,
    Math.ceil(tips.length / tipsPerMessage),
    Math.ceil(unknownShortIds.length / shortIdBytesPerMessage),
  );
  const messages: SyncEffect[] = [];
  for (let i = 0; i < count; i++) {
    const lists = {
      tips: tips.slice(i * tipsPerMessage, (i + 1) * tipsPerMessage).map(toWireRef),
      unknownShortIds: unknownShortIds.slice(i * shortIdBytesPerMessage, (i + 1) * shortIdBytesPerMessage),
    };
    const last = { horizon, partial, ...(unionDigest && { unionDigest }) };
    const rest = i < count - 1 ? { more: true } : last;
    messages.push(send({ case: 'differing', value: { ...lists, ...rest } }));
    yield;
  }
  return messages;
}

/** Sends a message of Negentropy, in parts; `nonce`: with the first of a session. */
export function rangesMessages(message: Uint8Array, nonce?: Uint8Array): readonly SyncEffect[] {
  const count = Math.max(1, Math.ceil(message.length / rangesBytesPerMessage));
  return Array.from({ length: count }, (_, i) => {
    const part = message.slice(i * rangesBytesPerMessage, (i + 1) * rangesBytesPerMessage);
    const value = { part, more: i < count - 1, ...(i === 0 && nonce && { nonce }) };
    return send({ case: 'ranges', value });
  });
}

export function toWireRef({ author, seq, hash }: EntryRef): wire.EntryRef {
  return newMessage(wire.EntryRefSchema, { author, seq: BigInt(seq), hash });
}

/** Throws `MalformedError`. */
export function fromWireRef({ author, seq, hash }: wire.EntryRef): EntryRef {
  if (author.length !== 32 || hash.length !== 32) throw new MalformedError('an id has the wrong length');
  if (seq < 1n || seq > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedError('a seq is out of range');
  return { author: parseNodeId(author), seq: Number(seq), hash: parseHash(hash) };
}
