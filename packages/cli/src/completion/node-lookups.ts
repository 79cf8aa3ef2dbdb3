import type { LatticeClient } from '@lattice/api';
import type { Timers } from '@lattice/model';
import { wordBytes, wordOf } from '../line/word-bytes.js';
import type { Surroundings } from '../surroundings.js';
import { commonPrefix } from './common-prefix.js';
import { filesThatBegin } from './file-lookup.js';
import type { Found, Lookups, Named } from './lookups.js';

/** Nobody who has pressed Tab waits longer, whatever the node does. */
const patienceOfPeopleMs = 500;

/** No list is longer. */
const itemsMax = 100;

const nothing = { items: [], more: false } as const;

/** Asks a node and the disk. `signal` ends all that is under way. */
export function nodeLookups(
  node: () => Promise<LatticeClient>,
  {
    surroundings,
    signal,
    patienceMs = patienceOfPeopleMs,
  }: { readonly surroundings: Surroundings; readonly signal: AbortSignal; readonly patienceMs?: number },
): Lookups {
  const limits = { timers: surroundings.timers, signal, patienceMs };
  const ask = <T>(question: (client: LatticeClient, signal: AbortSignal) => Promise<T>, otherwise: T) =>
    within(limits, otherwise, async (limit) => question(await node(), limit));
  return {
    meshes: () =>
      ask(async (client, limit) => {
        const { meshes } = await client.meshList({}, { signal: limit });
        return bounded(meshes.map(({ meshId, name }) => ({ id: meshId, name })));
      }, nothing),
    stores: ({ mesh }) =>
      ask(async (client, limit) => {
        const { stores } = await client.storeList({ mesh }, { signal: limit });
        return bounded(stores.map(({ storeId, name }) => ({ id: storeId, name })));
      }, nothing),
    members: ({ mesh }) =>
      ask(async (client, limit) => {
        const { peers } = await client.meshPeers({ mesh }, { signal: limit });
        const others = peers.filter(({ self }) => !self);
        return bounded(others.map(({ nodeId, name }) => ({ id: nodeId, name })));
      }, nothing),
    keys: (prefix, target) =>
      ask<Awaited<ReturnType<Lookups['keys']>>>(async (client, limit) => {
        const request = { target, prefix: wordBytes(prefix), keysOnly: true };
        const keys = await firstKeys(client, { ...request, limit: BigInt(itemsMax + 1) }, limit);
        if (keys.length <= itemsMax) return { items: keys, more: false };
        // They are in order: what the first and the last have in common, all have.
        const [last = ''] = await firstKeys(client, { ...request, limit: 1n, reverse: true }, limit);
        return { ...bounded(keys), common: commonPrefix(keys[0] ?? '', last) };
      }, nothing),
    files: (prefix, which) =>
      within(limits, nothing, async () => bounded(await filesThatBegin(prefix, which, surroundings))),
  };
}

async function firstKeys(
  client: LatticeClient,
  request: Parameters<LatticeClient['list']>[0],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { items } of client.list(request, { signal }))
    keys.push(...items.map(({ key }) => wordOf(key)));
  return keys;
}

function bounded<T extends Named | string>(items: readonly T[]): Found<T> {
  return { items: items.slice(0, itemsMax), more: items.length > itemsMax };
}

/** What the work comes to; `otherwise` where it fails or takes too long, and then it is told to stop. */
async function within<T>(
  {
    timers,
    signal,
    patienceMs,
  }: { readonly timers: Timers; readonly signal: AbortSignal; readonly patienceMs: number },
  otherwise: T,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  return new Promise((resolve) => {
    const end = (result: T) => {
      cancel();
      signal.removeEventListener('abort', giveUp);
      resolve(result);
    };
    const giveUp = () => {
      stop.abort();
      end(otherwise);
    };
    const cancel = timers.after(patienceMs, giveUp);
    signal.addEventListener('abort', giveUp, { once: true });
    work(stop.signal).then(end, () => end(otherwise));
  });
}
