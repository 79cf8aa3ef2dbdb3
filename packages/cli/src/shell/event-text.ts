import type { PeerEvent, PeerEventKind, SubscribeResponse } from '@lattice/api';
import { counted, shortId } from '../output/columns.js';
import { harmless, quoted } from '../output/printable.js';

/** What happened, as a line for somebody who is doing something else; `undefined` for what is no news to them. */
export function eventText({ event }: SubscribeResponse): string | undefined {
  switch (event.case) {
    case 'peer':
      return peerText(event.value);
    case 'forkSeen':
      return `Two histories of ${shortId(event.value.author)} in the store ${shortId(event.value.storeId)}: see \`store status\`.`;
    case 'warning':
      return harmless(`${event.value.level}: ${event.value.message}`);
    case 'missed':
      return `${counted(event.value.events, 'event')} came too fast to be shown.`;
    case 'subscribed':
    case 'storeChanged':
    case undefined:
      break;
  }
  return undefined;
}

const happened: Readonly<Record<PeerEventKind, string | undefined>> = {
  0: undefined,
  1: 'is online',
  2: 'is offline',
  3: 'joined the mesh',
  4: 'was revoked',
};

function peerText({ kind, name, nodeId, meshId }: PeerEvent): string | undefined {
  const what = happened[kind];
  const who = name === '' ? shortId(nodeId) : `${quoted(name)} (${shortId(nodeId)})`;
  return what === undefined ? undefined : `${who} ${what}, mesh ${shortId(meshId)}`;
}
