import { type Admittance, type Replica, type VerifiedBundle, verifyBundle } from '@lattice/kernel';
import { assert, type Bundle, type IdKey, type NodeId } from '@lattice/model';
import { type BundleForm, encodeBundle } from '@lattice/proto';
import { bundleOf, bundlesOf, causalOrder } from './bundling.js';
import type { Dice } from './dice.js';
import { History, type HistoryEntry } from './history.js';
import { historyKey } from './random-history.js';
import type { ReplicaRig } from './replica-rig.js';

/** A time at which every claim has come true. Unix milliseconds. */
export const endOfTimeMs = 2 ** 47;
/** Longer than it takes a replica to notice that what it holds has come due. */
const heldCheckMs = 10_000;

/**
 * Brings all of a history to a replica: in random bundles, some late, some twice, some thin, some held. `between` runs
 * after each of them. All is there at the end.
 */
export async function deliver(
  rig: ReplicaRig,
  history: History,
  dice: Dice,
  between?: () => Promise<void>,
): Promise<void> {
  const inOrder = bundlesOf(causalOrder(new Set(history.entries), dice), dice);
  for (const bundle of disordered(inOrder, dice)) {
    await rig.receive(bundle, dice.pick<BundleForm>(['full', 'thin']), `peer ${dice.below(3)}` as IdKey);
    await between?.();
  }
  rig.time.setNowMs(endOfTimeMs);
  await rig.time.advance(heldCheckMs);
  // Whoever was closed in between has forgotten what waited; a peer that has it offers it again.
  const verified = inOrder.map((bundle) => rig.verified(bundle));
  const offer = (bundle: VerifiedBundle) => rig.replica.admit(bundle, 'a peer' as IdKey);
  for (const bundle of verified) await expectOutcome(offer(bundle), 'admitted', 'known');
  for (const bundle of verified) await expectOutcome(offer(bundle), 'known');
  await rig.replica.settled();
  const { pending, held } = rig.replica.status();
  assert(
    pending === 0 && held === 0,
    `nothing waits any more, not ${pending} pending and ${held} held entries`,
  );
}

/** Offers a replica, each in turn, bundles that must not change anything: what they are called, and what became of them. */
export async function offerInVain(rig: ReplicaRig, history: History, dice: Dice): Promise<void> {
  const entry = dice.pick(history.entries);
  const bytes = encodeBundle(bundleOf([entry]), 'full');
  const { lookUp } = bound(rig.replica);
  assert(
    verifyBundle(tampered(bytes, dice), lookUp).kind !== 'verified',
    'a bundle that was changed does not verify',
  );
  assert(
    verifyBundle(bytes.subarray(0, dice.below(bytes.length)), lookUp).kind !== 'verified',
    'nor does half of one',
  );

  const [absent, behind] = unheardOf(history);
  await expectOutcome(rig.receive(twice(absent)), 'refused');
  await expectOutcome(rig.receive(bundleOf([behind])), 'pending');
  const elsewhere = new History({
    kind: 'store',
    type: 'other',
    mesh: history.id,
    random: new Uint8Array(32),
  });
  const [foreign] = unheardOf(elsewhere);
  await expectOutcome(rig.receive(bundleOf([foreign])), 'refused');
}

/** Some bundles later than they should be, some once more. */
function disordered(bundles: readonly Bundle[], dice: Dice): Bundle[] {
  const arrivals: { readonly at: number; readonly bundle: Bundle }[] = [];
  bundles.forEach((bundle, index) => {
    arrivals.push({ at: index + (dice.oneIn(4) ? 1.5 + dice.below(5) : 0), bundle });
    if (dice.oneIn(6)) arrivals.push({ at: index + dice.below(6), bundle });
  });
  return arrivals.sort((a, b) => a.at - b.at).map(({ bundle }) => bundle);
}

async function expectOutcome(
  outcome: Promise<Admittance>,
  ...kinds: readonly Admittance['kind'][]
): Promise<void> {
  const { kind } = await outcome;
  assert(kinds.includes(kind), `a bundle is ${kinds.join(' or ')}, not ${kind}`);
}

/** Two entries of authors of their own, the second naming the first; the history does not get them. */
function unheardOf(history: History): readonly [HistoryEntry, HistoryEntry] {
  const aside = new History(history.genesis);
  const write = (author: number, deps: readonly HistoryEntry[]): HistoryEntry =>
    aside.write({
      key: historyKey(0, 500 + author),
      prev: undefined,
      deps,
      hlc: 1n as HistoryEntry['time'],
      payload: new Uint8Array(0),
    });
  const absent = write(0, []);
  return [absent, write(1, [absent])];
}

function twice(entry: HistoryEntry): Bundle {
  const { chains, entries, hashes } = bundleOf([entry]);
  return {
    chains: [...chains, ...chains],
    chainOf: [0, 1],
    entries: [...entries, ...entries],
    hashes: [...hashes, ...hashes],
  };
}

function tampered(bytes: Uint8Array, dice: Dice): Uint8Array {
  const changed = bytes.slice();
  const at = dice.below(bytes.length);
  changed[at] = (changed[at] as number) ^ (1 + dice.below(255));
  return changed;
}

function bound(replica: Replica) {
  return { lookUp: (author: NodeId, seq: number) => replica.lookUp(author, seq) };
}
