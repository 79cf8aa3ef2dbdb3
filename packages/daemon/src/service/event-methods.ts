import {
  type MessageInitShape,
  PeerEventKind,
  StoreEventKind,
  type SubscribeResponseSchema,
} from '@lattice/api';
import { storeUuid, toHex, unreachable } from '@lattice/model';
import type { Node, NodeEvent } from '@lattice/node';
import { EventQueue } from './event-queue.js';
import type { Methods, ServiceContext } from './service-context.js';

export function eventMethods(node: Node, { closing }: ServiceContext): Methods<'subscribe'> {
  return {
    async *subscribe(_request, { signal }) {
      const queue = new EventQueue();
      const unsubscribe = node.subscribe((event) => queue.push(event));
      const end = () => queue.end();
      for (const reason of [signal, closing]) {
        if (reason.aborted) end();
        reason.addEventListener('abort', end, { once: true });
      }
      try {
        yield { event: { case: 'subscribed', value: {} } };
        for await (const taken of queue) {
          if (taken.missed > 0) yield { event: { case: 'missed', value: { events: BigInt(taken.missed) } } };
          yield { event: eventMessage(taken.event) };
        }
      } finally {
        unsubscribe();
        for (const reason of [signal, closing]) reason.removeEventListener('abort', end);
      }
    },
  };
}

type EventMessage = NonNullable<MessageInitShape<typeof SubscribeResponseSchema>['event']>;

function eventMessage(event: NodeEvent): EventMessage {
  switch (event.kind) {
    case 'peer-online':
      return peerEvent(event, PeerEventKind.ONLINE);
    case 'peer-offline':
      return peerEvent(event, PeerEventKind.OFFLINE);
    case 'member-joined':
      return peerEvent(event, PeerEventKind.JOINED);
    case 'member-revoked':
      return peerEvent(event, PeerEventKind.REVOKED);
    case 'member-left':
      return peerEvent(event, PeerEventKind.LEFT);
    case 'store-created':
      return storeEvent(event, StoreEventKind.CREATED);
    case 'store-renamed':
      return storeEvent(event, StoreEventKind.RENAMED);
    case 'store-deleted':
      return storeEvent(event, StoreEventKind.DELETED);
    case 'store-changed':
      return {
        case: 'storeChanged',
        value: { storeId: storeUuid(event.store), entries: BigInt(event.entries) },
      };
    case 'fork-seen':
      return { case: 'forkSeen', value: { storeId: storeUuid(event.store), author: toHex(event.author) } };
    case 'conflict-seen':
      return {
        case: 'conflictSeen',
        value: { storeId: storeUuid(event.store), keys: [...event.keys], count: BigInt(event.count) },
      };
    case 'warning':
      return { case: 'warning', value: { level: event.level, message: event.message } };
    default:
      return unreachable(event);
  }
}

function peerEvent(event: Extract<NodeEvent, { peer: unknown }>, kind: PeerEventKind): EventMessage {
  const { mesh, peer, name } = event;
  return { case: 'peer', value: { kind, meshId: storeUuid(mesh), nodeId: toHex(peer), name } };
}

function storeEvent(event: Extract<NodeEvent, { own: boolean }>, kind: StoreEventKind): EventMessage {
  const { mesh, store, name, own } = event;
  return { case: 'store', value: { kind, meshId: storeUuid(mesh), storeId: storeUuid(store), name, own } };
}
