import { createHash } from 'node:crypto';
import type { Item } from '@lattice/negentropy';

/**
 * Which items the two sides of a recorded session have: item `i` of `count` has the timestamp `i % times` and as id the SHA-256
 * of its decimal number; the initiator lacks every `initiatorLacks`th, the responder every `responderLacks`th.
 */
export interface Recorded {
  readonly count: number;
  readonly times: number;
  readonly initiatorLacks: number;
  readonly responderLacks: number;
  /** Bytes a message; 0: no limit. */
  readonly frameSizeLimit: number;
  /** Hex, the initiator's first; or, of a long session, the SHA-256 of them all. */
  readonly messages: readonly string[] | string;
}

export function sidesOf({ count, times, initiatorLacks, responderLacks }: Recorded): {
  initiator: readonly Item[];
  responder: readonly Item[];
} {
  const items = Array.from({ length: count }, (_, i) => ({
    timestamp: BigInt(i % times),
    id: new Uint8Array(createHash('sha256').update(String(i)).digest()),
  }));
  const without = (every: number) => items.filter((_, i) => i % every !== every - 1);
  return { initiator: without(initiatorLacks), responder: without(responderLacks) };
}
