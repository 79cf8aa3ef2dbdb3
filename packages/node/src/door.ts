import { durationText, type IdKey, idKey, type NodeId } from '@lattice/model';
import type { Conduct } from './conduct.js';

/** How many connections of nodes that are no members, as far as is known, may stand. */
const strangersMax = 32;

/** Why somebody who dialled is not let in; `undefined` where it is. `connected`: who is in. Members always find room. */
export function refusalAtDoor(
  peer: NodeId,
  conduct: Conduct,
  members: ReadonlyMap<IdKey, unknown>,
  connected: Iterable<IdKey>,
): string | undefined {
  const barredMs = conduct.of(peer)?.barredMs ?? 0;
  if (barredMs > 0)
    return `it broke the protocol a while ago: it is listened to again in ${durationText(barredMs)}`;
  if (members.has(idKey(peer))) return undefined;
  const strangers = [...connected].filter((key) => !members.has(key));
  return strangers.length < strangersMax ? undefined : 'there are too many strangers: come again in a while';
}
