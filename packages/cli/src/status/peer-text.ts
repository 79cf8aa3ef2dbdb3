import { durationText } from '@lattice/model';
import { harmless, nameText, quoted } from '../output/printable.js';
import { clipped } from '../output/wrapped.js';
import type { PeerReport } from './report.js';
import type { MembersAndStores, Standing } from './standing.js';

/** Clocks that differ by less are nobody's business. */
const notableSkewMs = 60_000;
/** Room for most addresses of IPv4. */
const pathWidth = 24;

/** What a member lacks: "nothing", "12 of main", "15 in 3 stores". */
export function lacksText({ peer, kind, lacks }: Standing, { meshId, stores }: MembersAndStores): string {
  switch (kind) {
    case 'in-sync':
      return 'nothing';
    case 'unknown':
    case 'elsewhere':
      return 'not known';
    case 'differs':
      return peer.online ? 'comparing' : 'maybe some';
    case 'lacks':
  }
  const [only, ...others] = peer.stores.filter((store) => store.lacks > 0);
  const count = lacks.toLocaleString('en');
  if (others.length > 0) return `${count} in ${others.length + 1} stores`;
  if (only?.storeId === meshId) return `${count} of the mesh`;
  const name = stores.find(({ storeId }) => storeId === only?.storeId)?.name ?? '';
  return `${count} of ${name === '' ? 'a store' : quoted(clipped(name, 12))}`;
}

/** How the connection goes: "LAN", "direct" or "relay", and the address or the relay. */
export function pathText({ path }: PeerReport): string {
  const shown = clipped((path ?? '-').replace(/^lan /, 'LAN '), pathWidth);
  // The network's words are not to be typed.
  const text = quoted(shown);
  return text === `"${shown}"` ? shown : text;
}

export function rttText({ rttMs }: PeerReport): string {
  if (rttMs === undefined) return '-';
  return rttMs < 1 ? '< 1 ms' : `${Math.round(rttMs)} ms`;
}

/** "2 h ahead"; empty where the clocks agree, or nothing is known of the peer's. */
export function skewText({ clockAheadMs }: PeerReport): string {
  if (clockAheadMs === undefined || Math.abs(clockAheadMs) < notableSkewMs) return '';
  return `${durationText(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead' : 'behind'}`;
}

/** What it did against the protocol, and when it is listened to again; empty where there is nothing to say. */
export function offenceText({ offence }: PeerReport): string {
  if (offence === undefined) return '';
  const until = offence.barredMs > 0 ? `, not listened to for ${durationText(offence.barredMs)}` : '';
  return `broke the protocol (${harmless(offence.reason)})${until}`;
}

export function peerName({ name }: PeerReport): string {
  return nameText(clipped(name, 12));
}
