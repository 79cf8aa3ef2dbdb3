import {
  assert,
  type Bundle,
  bundleBytesMax,
  bundleEntriesMax,
  type EntryRef,
  type Hlc,
  hlcFromMs,
  type IdKey,
  maxDriftMs,
} from '@lattice/model';
import { canonicalEntryLength } from '@lattice/proto';
import { opened, type ReplicaRig } from '@lattice/testkit';

/** All that `from` has and `to` lacks as far as its tips tell, each bundle checked on its way. Returns what was sent. */
export async function send(from: ReplicaRig, to: ReplicaRig): Promise<readonly Bundle[]> {
  const has = to.replica.tips();
  const bundles: Bundle[] = [];
  for (const sent of from.replica.outgoing(has).bundles(horizonOf(to))) {
    const bundle = opened(sent);
    checkBundle(bundle);
    checkIsNews(bundle, from, has);
    bundles.push(bundle);
    const admittance = await to.replica.admit(to.verified(sent, 'thin'), 'a peer' as IdKey);
    const { kind } = admittance;
    assert(kind === 'admitted' || kind === 'known', `what is sent is taken as it comes, not ${kind}`);
  }
  for (const { replica } of [from, to]) await replica.settled();
  return bundles;
}

/** Sends both ways until there is nothing more to send; what arrives may make more of what is here count. */
export async function exchange(a: ReplicaRig, b: ReplicaRig): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const sent = [...(await send(a, b)), ...(await send(b, a))];
    if (sent.length === 0) return;
  }
  throw new Error('two replicas never come to an end');
}

export function horizonOf({ time }: ReplicaRig): Hlc {
  return hlcFromMs(time.nowMs() + maxDriftMs);
}

/** Within bounds. */
function checkBundle(bundle: Bundle): void {
  const bytes = bundle.entries.reduce((sum, entry) => sum + canonicalEntryLength(entry), 0);
  assert(
    bundle.entries.length > 0 && bundle.entries.length <= bundleEntriesMax,
    'a bundle has 1 to 1,024 entries',
  );
  assert(bundle.entries.length === 1 || bytes <= bundleBytesMax, 'a bundle has at most 1 MiB');
}

/** Nothing that the peer surely has: its tips that are known here, and their chain ancestors. */
function checkIsNews(bundle: Bundle, { replica }: ReplicaRig, has: readonly EntryRef[]): void {
  const known = has.filter((ref) => replica.find(ref) !== undefined);
  bundle.entries.forEach((entry, index) => {
    const hash = bundle.hashes[index];
    assert(hash, "a bundle's arrays are in step");
    const sent = { author: entry.author, seq: entry.seq, hash };
    assert(
      !known.some((ref) => replica.isChainAncestor(sent, ref)),
      'nothing is sent that the peer surely has',
    );
  });
}
