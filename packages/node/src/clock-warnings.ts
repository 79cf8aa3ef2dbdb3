import { durationText } from '@lattice/model';

/** What is less is nobody's business: clocks drift, and messages take time. */
export const notableMs = 60_000;

export interface PeerClock {
  readonly name: string;
  /** By how much it is ahead of this node's; negative: behind. */
  readonly aheadMs: number;
}

/**
 * What the clocks of connected peers say. Where most of several are off in the same direction it is probably this machine's
 * own that is wrong; with a single peer, nobody can tell which of the two it is.
 */
export function clockWarnings(peers: readonly PeerClock[]): readonly string[] {
  const ahead = peers.filter(({ aheadMs }) => aheadMs >= notableMs);
  const behind = peers.filter(({ aheadMs }) => aheadMs <= -notableMs);
  const own = [ahead, behind].find((some) => some.length >= 2 && 2 * some.length > peers.length);
  const others = own === ahead ? behind : own === behind ? ahead : [...ahead, ...behind];
  return [...(own ? [ownWarning(own, own === ahead)] : []), ...others.map(peerWarning)];
}

/** `isBehind`: whether this machine's clock is behind theirs. */
function ownWarning(peers: readonly PeerClock[], isBehind: boolean): string {
  const off = peers.map(({ aheadMs }) => Math.abs(aheadMs)).toSorted((a, b) => a - b);
  const median = off[Math.floor(off.length / 2)] ?? 0;
  const direction = isBehind ? 'behind' : 'ahead of';
  return `This machine's clock seems to be ${durationText(median)} ${direction} that of ${peers.length} members: set it.`;
}

function peerWarning({ name, aheadMs }: PeerClock): string {
  const off = `${durationText(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
  return `The clock of ${name} is ${off} this machine's: see which of the two is wrong, and set it.`;
}
