import type {
  ConflictSeen,
  PeerEvent,
  PeerEventKind,
  StoreEvent,
  StoreEventKind,
  SubscribeResponse,
} from '@lattice/api';
import { counted } from '@lattice/model';
import { called } from '../output/called.js';
import { shortId } from '../output/columns.js';
import { harmless, quotedBytes } from '../output/printable.js';

/** What happened, as a line for somebody who is doing something else; `undefined` for what is no news to them. */
export function eventText({ event }: SubscribeResponse): string | undefined {
  switch (event.case) {
    case 'peer':
      return peerText(event.value);
    case 'forkSeen':
      return `Two histories of ${shortId(event.value.author)} in the store ${shortId(event.value.storeId)}: see \`store status\`.`;
    case 'conflictSeen':
      return conflictText(event.value);
    case 'store':
      return storeText(event.value);
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

function conflictText({ storeId, keys, count }: ConflictSeen): string {
  const [first] = keys;
  const others = count > 1n ? ` and ${counted(count - 1n, 'other key')}` : '';
  const [key, see] =
    first === undefined
      ? ['a key', `list --conflicts --store ${shortId(storeId)}`]
      : [quotedBytes(first), `get ${quotedBytes(first)} --all --store ${shortId(storeId)}`];
  return `Writes of ${key}${others} did not know of each other: see \`${see}\`.`;
}

const happenedToStore: Readonly<Record<StoreEventKind, string | undefined>> = {
  0: undefined,
  1: 'was created',
  2: 'has a new name',
  3: 'was deleted',
};

function storeText({ kind, name, storeId, meshId, own }: StoreEvent): string | undefined {
  // What this node did, somebody was told when it was done.
  const what = own ? undefined : happenedToStore[kind];
  return what === undefined
    ? undefined
    : `The store ${called(storeId, name)} ${what}, mesh ${shortId(meshId)}`;
}

const happened: Readonly<Record<PeerEventKind, string | undefined>> = {
  0: undefined,
  1: 'is online',
  2: 'is offline',
  3: 'joined the mesh',
  4: 'was revoked',
  5: 'left the mesh',
};

function peerText({ kind, name, nodeId, meshId }: PeerEvent): string | undefined {
  const what = happened[kind];
  return what === undefined ? undefined : `${called(nodeId, name)} ${what}, mesh ${shortId(meshId)}`;
}
