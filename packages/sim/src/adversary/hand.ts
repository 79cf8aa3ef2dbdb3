import { bundleEntriesMax, toHex } from '@lattice/model';
import { encodeBundle } from '@lattice/proto';
import type { World } from '../world/world.js';
import type { Assault } from './assault.js';
import type { Conversation } from './conversation.js';
import { bundleOf, type Had, refOf } from './known.js';
import { spoiltBundle, spoiltBytes } from './spoil.js';
import type { Batch, Thief } from './thief.js';

type Handing = Extract<Assault, { readonly do: 'hand' }>;

/** How long it stays to see what comes of it. */
const staysMs = 4_000;

/** Hands a batch over, on a connection of its own. */
export async function hand(
  world: World,
  thief: Thief,
  { store, entries }: Batch,
  step: Handing,
  conversation: Conversation,
): Promise<void> {
  const chance = thief.chance(`handing ${step.batch} to ${step.to}`);
  const kept = entries.slice(step.withheld ?? 0);
  const ordered = step.reversed ? kept.toReversed() : kept;
  const bundles = partsOf(ordered, step.singly === true ? 1 : bundleEntriesMax).map((part) =>
    spoiltBundle(bundleOf(part, thief.key), step.spoilt, chance),
  );
  const spoil = (bytes: Uint8Array) => spoiltBytes(bytes, step.spoilt, chance);
  world.count(`bundles of thieves ${step.how === 'push' ? 'pushed' : 'brought'}`, bundles.length);
  if (step.how === 'push') {
    for (const bundle of bundles)
      await conversation.say({ case: 'push', value: { store, bundle: spoil(encodeBundle(bundle, 'full')) } });
  } else {
    const known = thief.known(store);
    const tag = thief.tagFor(store, conversation.connection.remote);
    const value = { store };
    await conversation.sync(
      step.how === 'sync' ? { case: 'sync', value } : { case: 'handover', value: { meshTag: tag } },
      { tips: tipsOf(ordered), knows: ({ hash }) => known.has(hash), bundles, spoil },
    );
  }
  await conversation.linger(staysMs);
}

function partsOf(entries: readonly Had[], size: number): readonly (readonly Had[])[] {
  const parts: (readonly Had[])[] = [];
  for (let at = 0; at < entries.length; at += size) parts.push(entries.slice(at, at + size));
  return parts;
}

function tipsOf(entries: readonly Had[]) {
  const followed = new Set(entries.map(({ entry }) => toHex(entry.prev)));
  return entries.filter(({ hash }) => !followed.has(toHex(hash))).map(refOf);
}
