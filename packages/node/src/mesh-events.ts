import type { Commit } from '@lattice/kernel';
import { type IdKey, idKey, type NodeId, nodeIdFromText } from '@lattice/model';
import type { MeshView } from '@lattice/meshstore';
import type { LocalStore } from './local-store.js';
import { ownForkWarnings } from './own-forks.js';
import { standingOf } from './peer-statuses.js';
import type { NodeEvent } from './public.js';

/** What there is to tell about a mesh when it is so now and was otherwise before. */
export function* meshEvents(view: MeshView, before: MeshView, self: NodeId): Generator<NodeEvent> {
  yield* memberEvents(view, before);
  // To whoever has just joined, all stores are new, which is no event.
  if (before.isMember(self)) yield* storeEvents(view, before, self);
}

function* memberEvents(view: MeshView, before: MeshView): Generator<NodeEvent> {
  for (const [key, member] of view.members) {
    const was = before.members.get(key);
    const standing = standingOf(member);
    if (was && standingOf(was) === standing) continue;
    const { nodeId: peer, name } = member;
    const kind = ({ member: 'member-joined', left: 'member-left', revoked: 'member-revoked' } as const)[
      standing
    ];
    yield { kind, mesh: view.meshId, peer, name };
  }
}

function* storeEvents(view: MeshView, before: MeshView, self: NodeId): Generator<NodeEvent> {
  const isSelf = (node: NodeId | undefined) => node !== undefined && idKey(node) === idKey(self);
  const keys = new Set<IdKey>([...before.stores.keys(), ...view.stores.keys()]);
  for (const key of keys) {
    const [now, was] = [listed(view, key), listed(before, key)];
    if (now && !was) {
      const own = isSelf(now.createdBy) && !before.stores.has(key);
      yield { kind: 'store-created', mesh: view.meshId, store: now.id, name: now.name, own };
    } else if (was && !now) {
      const own = isSelf(view.stores.get(key)?.removedBy);
      yield { kind: 'store-deleted', mesh: view.meshId, store: was.id, name: was.name, own };
    } else if (was && now && was.name !== now.name) {
      const own = isSelf(now.namedBy);
      yield { kind: 'store-renamed', mesh: view.meshId, store: now.id, name: now.name, own };
    }
  }
}

function listed({ stores }: MeshView, key: IdKey) {
  const info = stores.get(key);
  return info?.removed ? undefined : info;
}

/** What a commit to one of the mesh's stores means for people. */
export function* commitEvents(
  { id: store, name, replica }: LocalStore,
  { bundle, origin, forked, conflicts }: Commit,
  self: NodeId,
): Generator<NodeEvent> {
  yield { kind: 'store-changed', store, entries: bundle.entries.length };
  // A branch that this node made itself it was asked for: a repair of its clock.
  for (const author of origin === 'local' ? [] : forked) {
    yield { kind: 'fork-seen', store, author: nodeIdFromText(author) };
    // One of its own that it did not make is for its owner to see to.
    const warnings = author === idKey(self) ? ownForkWarnings({ where: `the store "${name}"`, replica }) : [];
    for (const message of warnings) yield { kind: 'warning', level: 'error', message };
  }
  const { keys, count } = conflicts;
  if (count > 0) yield { kind: 'conflict-seen', store, keys, count };
}
