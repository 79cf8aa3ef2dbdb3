import { messageOf } from '@lattice/model';
import type { CloseReason } from '@lattice/net-types';
import { cleanReason } from '@lattice/net-types';

/**
 * What went wrong, in the binding's own words: the innermost cause, without the backtrace and the paths of its build
 * machine that the binding's messages carry.
 */
export function causeOf(error: unknown): string {
  const text = messageOf(error);
  const lines = (text.split(/\n\s*Stack backtrace/)[0] as string)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const cause = lines.at(-1) ?? 'no cause given';
  return cleanReason(cause.trim().replace(/ \([^()]*:\d+:\d+\)$/, ''));
}

/**
 * Reads how the binding says that a connection ended: "closed", "timed out", or "closed by peer: " with the code alone,
 * or the peer's words and then the code.
 */
export function closeReasonOf(text: string): CloseReason {
  if (text === 'closed') return { by: 'local', reason: 'closed' };
  const peers = /^closed by peer: (?:\d+|(?<words>.*) \(code \d+\))$/s.exec(text);
  if (peers !== null) return { by: 'remote', reason: cleanReason(peers.groups?.['words'] ?? '') };
  return { by: 'network', reason: cleanReason(text) };
}
