import { columns } from '../output/columns.js';
import { lacksText, offenceText, pathText, peerName, rttText, skewText } from './peer-text.js';
import { seenText } from './seen-text.js';
import { type MembersAndStores, standingsOf } from './standing.js';

/** Everybody who is or was a member, as they came. */
export function peersTable(mesh: MembersAndStores, nowMs: number): string {
  const standings = new Map(standingsOf(mesh).map((standing) => [standing.peer, standing]));
  const rows = mesh.peers.map((peer) => {
    const standing = standings.get(peer);
    const lacks = standing && `lacks ${lacksText(standing, mesh)}`;
    const skew = skewText(peer);
    return [
      peer.nodeId.slice(0, 16),
      peerName(peer),
      peer.status,
      peer.self ? 'this node' : seenText(peer, nowMs),
      ...(peer.online && !peer.self ? [`${pathText(peer)} ${rttText(peer)}`] : ['']),
      [lacks, skew && `clock ${skew}`, offenceText(peer)].filter(Boolean).join('; '),
    ];
  });
  return columns(rows);
}
