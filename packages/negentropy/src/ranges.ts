import { type Bound, BoundReader } from './bound.js';
import { NegentropyError } from './errors.js';
import { fingerprintBytes } from './fingerprint.js';
import { idBytes } from './item.js';
import { MessageReader } from './message-reader.js';

/** The first byte of every message: version 1. */
export const protocolVersion = 0x61;

const versionsFrom = 0x60;
const versionsTo = 0x6f;

export const mode = { skip: 0, fingerprint: 1, idList: 2 } as const;

/** What a message says about the items from the bound before up to `end`. */
export type Range =
  | { readonly kind: 'skip'; readonly end: Bound }
  | { readonly kind: 'fingerprint'; readonly end: Bound; readonly fingerprint: Uint8Array }
  | { readonly kind: 'ids'; readonly end: Bound; readonly ids: readonly Uint8Array[] };

export type Opened =
  { readonly kind: 'ranges'; readonly ranges: Iterable<Range> } | { readonly kind: 'other-version' };

/** Begins to read a message, whose ranges are read as they are asked for. Throws `malformed`, then too. */
export function openMessage(bytes: Uint8Array): Opened {
  const reader = new MessageReader(bytes);
  const version = reader.byte();
  if (version < versionsFrom || version > versionsTo)
    throw new NegentropyError('malformed', 'no version of the protocol begins like that');
  return version === protocolVersion
    ? { kind: 'ranges', ranges: rangesOf(reader) }
    : { kind: 'other-version' };
}

function* rangesOf(reader: MessageReader): Iterable<Range> {
  const bounds = new BoundReader();
  while (reader.remaining > 0) {
    const end = bounds.read(reader);
    yield rangeOf(reader, end);
  }
}

function rangeOf(reader: MessageReader, end: Bound): Range {
  switch (Number(reader.varint())) {
    case mode.skip:
      return { kind: 'skip', end };
    case mode.fingerprint:
      return { kind: 'fingerprint', end, fingerprint: reader.bytes(fingerprintBytes) };
    case mode.idList: {
      const count = reader.count(idBytes);
      return { kind: 'ids', end, ids: Array.from({ length: count }, () => reader.bytes(idBytes)) };
    }
    default:
      throw new NegentropyError('malformed', 'a range of an unknown mode');
  }
}
