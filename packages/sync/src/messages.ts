import { type EntryRef, type Hash, type Hlc, parseHash, parseNodeId } from '@lattice/model';
import { MalformedError, newMessage, wire } from '@lattice/proto';
import type { SyncEffect } from './session-types.js';
import { shortIdBytes } from './short-ids.js';

/** How much of a list one Differing carries, so that it fits a frame. */
const tipsPerMessage = 8_192;
const shortIdBytesPerMessage = 16_384 * shortIdBytes;

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
}

/** Sends a Differing, in as many messages as its lists take. */
export function differingMessages(content: DifferingContent): readonly SyncEffect[] {
  const { tips, unknownShortIds = new Uint8Array(0), horizon, unionDigest = new Uint8Array(0) } = content;
  const count = Math.max(
    1,
    Math.ceil(tips.length / tipsPerMessage),
    Math.ceil(unknownShortIds.length / shortIdBytesPerMessage),
  );
  return Array.from({ length: count }, (_, i) => {
    const value = {
      tips: tips.slice(i * tipsPerMessage, (i + 1) * tipsPerMessage).map(toWireRef),
      unknownShortIds: unknownShortIds.slice(i * shortIdBytesPerMessage, (i + 1) * shortIdBytesPerMessage),
      horizon,
      unionDigest,
      more: i < count - 1,
    };
    return send({ case: 'differing', value });
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
