import { hlcToMs, idKey, toHex } from '@lattice/model';
import type { Store } from '@lattice/node';
import { entriesOn, type LoggedEntry } from '../disk/read-logs.js';
import { fairWeather } from '../network/weather.js';
import { perform } from '../world/perform.js';
import type { SimMachine } from '../world/machine.js';
import type { Step } from '../world/step.js';
import { meshOf, type World } from '../world/world.js';
import { areEqual, differencesOf } from './converged.js';
import { findingsOf, unlessDamaged } from './findings.js';
import { knowsItselfOut, membersFor, type Union, unionOf } from './union.js';

/** After so long with everything in order, all members agree. */
const agreeWithinMs = 10 * 60_000;
const lookEveryMs = 5_000;
/** Whoever is not connected dials all that it takes for members once in so long, and often more. */
const callsWithinMs = 2 * 60_000;
const tokensAtLook = 24;
const acceptAtLook = 60;

/** Puts everything in order, gives the nodes time to agree, and says what is not as it must be. */
export async function quiesce(world: World): Promise<readonly string[]> {
  for (const thief of world.thieves.values()) await thief.fallSilent();
  for (const step of calm(world)) await perform(world, step);
  await startAll(world);
  const findings = await agreedFindings(world);
  if (findings.length === 0 || world.complaints.length > 0) return findings;
  // Members agree soon; whoever is out, and has what tells them otherwise, may be a while about calling.
  await world.time.advance(callsWithinMs);
  return agreedFindings(world);
}

async function agreedFindings(world: World): Promise<readonly string[]> {
  const union = await agree(world);
  if (world.complaints.length > 0 || !union) return world.complaints;
  const members = membersOf(world, union);
  if (members.length === 0) return world.complaints;
  if (!areEqual(members)) return [`After ${agreeWithinMs} ms:\n${differencesOf(world, members)}`];
  const findings = await findingsOf(world, union, members);
  for (const { name, node } of members) world.note(`${name} ends with ${digestsOf({ node })}`);
  return [...world.complaints, ...findings];
}

function calm(world: World): Step[] {
  const machines = [...world.machines.keys()];
  return [
    { do: 'heal' },
    { do: 'weather', ...fairWeather },
    { do: 'losePushes', percent: 0 },
    ...machines.flatMap((node): Step[] => [
      { do: 'diskRelents', node },
      { do: 'drift', node, partsPerMillion: 0 },
      { do: 'skew', node, ms: 0 },
      { do: 'move', node, home: true },
    ]),
  ];
}

/** A disk that failed is looked after, and its node started again. Of twins, whom others take for one node, each has its turn. */
async function startAll(world: World): Promise<void> {
  for (const { name, hadDiskTrouble } of world.machines.values())
    if (hadDiskTrouble) await perform(world, { do: 'kill', node: name });
  const turns = turnsOf([...world.machines.values()]);
  for (const { name } of turns.flatMap(([, ...later]) => later))
    await perform(world, { do: 'kill', node: name });
  for (const [first] of turns) await perform(world, { do: 'start', node: first.name });
  await world.time.advance(2_000);
  await passWhatIsClaimed(world);
  await takeTurns(world, turns);
}

/**
 * One changes places at a time: so whoever goes has told somebody who stays. Where a copy is to be found was told nobody, if
 * nobody knows it for one. Each has two turns: taken for revoked at its first, it may be a member by what a later one tells.
 */
async function takeTurns(world: World, turns: readonly Turns[]): Promise<void> {
  for (const [first, ...later] of turns) {
    let present = first;
    for (const [turn, next] of (later.length > 0 ? [...later, first, ...later] : []).entries()) {
      await world.time.advance(30_000);
      await tellWhereMembersAre(world);
      if (turn > later.length) await goOnWithoutWhatIsLost(world);
      await world.time.advance(60_000);
      await perform(world, { do: 'kill', node: present.name });
      await perform(world, { do: 'start', node: next.name });
      present = next;
    }
  }
  // Others take a while to notice that a node is gone, before they meet the one that has its key.
  if (turns.some(({ length }) => length > 1)) await world.time.advance(60_000);
}

/** Those that have one key between them: the copies, and then what they are copies of. */
type Turns = readonly [SimMachine, ...SimMachine[]];

function turnsOf(machines: readonly SimMachine[]): readonly Turns[] {
  const originals = machines.filter(({ twinOf }) => twinOf === undefined);
  return originals.map((original): Turns => {
    const [first, ...others] = machines.filter(({ twinOf }) => twinOf === original);
    return first ? [first, ...others, original] : [original];
  });
}

/**
 * What somebody's wrong clock has dated in the future is held until then: by all clocks, it is then now. Whoever is out by now may
 * have told others before, and they hold what only its disk shows, perhaps also that it is out; or what no disk shows any more,
 * as that of who left by force.
 */
async function passWhatIsClaimed(world: World): Promise<void> {
  for (const { clock } of world.machines.values()) clock.isInOrder = true;
  const times: number[] = [];
  for (const { disk } of world.machines.values())
    for (const { entry } of await entriesOn(disk)) times.push(hlcToMs(entry.hlc));
  const latestMs = times.reduce((greatest, time) => Math.max(greatest, time), 0);
  if (latestMs > world.time.nowMs()) world.time.setNowMs(latestMs + 1_000);
  // A node that goes by what its stores say, and not by its clock, has less to wait until it is past that.
  for (let restMs = heldForMs(world); restMs > 0; restMs = heldForMs(world))
    world.time.setNowMs(world.time.nowMs() + restMs + 1_000);
  world.inOrderSinceMs = world.time.nowMs();
}

/** How long nodes hold, at most, what others claimed; what thieves claim need not ever come. */
function heldForMs(world: World): number {
  const machines = [...world.machines.values()];
  const honest = new Set(machines.map(({ nodeId }) => idKey(nodeId)).filter((key) => !world.isStolen(key)));
  const held = machines
    .flatMap(({ node }) => meshOf(node)?.stores() ?? [])
    .flatMap((store) => store.status().heldAuthors)
    .filter(({ author }) => honest.has(idKey(author)));
  return Math.max(0, ...held.map(({ aheadMs }) => aheadMs));
}

/** Looks at all disks only where members seem to agree, and now and then, since that takes long. */
async function agree(world: World): Promise<Union | undefined> {
  let union = await unionOf([...world.machines.values()]);
  let equalFor = 0;
  for (let look = 1; union && look * lookEveryMs <= agreeWithinMs && equalFor < 2; look++) {
    await world.time.advance(lookEveryMs);
    if (look === tokensAtLook) await tellWhereMembersAre(world);
    if (look === acceptAtLook || equalFor === 1) await goOnWithoutWhatIsLost(world);
    if (world.complaints.length > 0) return undefined;
    const seemEqual = areEqual(membersOf(world, union));
    if (seemEqual || look % 12 === 0) union = await unionOf([...world.machines.values()]);
    equalFor = union && areEqual(membersOf(world, union)) ? equalFor + 1 : 0;
  }
  return union;
}

/**
 * Those who joined a member that was on its way never heard where it is at home: people give a token to whoever is connected with no
 * member, be it with one who is out and has not heard so.
 */
async function tellWhereMembersAre(world: World): Promise<void> {
  const union = await unionOf([...world.machines.values()]);
  if (!union) return;
  const members = membersOf(world, union);
  // Whoever does not know that it was thrown out asks, too, and may have what the members must know.
  const asking = [...world.machines.values()].filter(({ node }) => node && !knowsItselfOut({ node }));
  for (const { name, node } of asking) {
    const peers = meshOf(node)
      ?.peers()
      .filter((peer) => peer.online && !peer.self);
    if (!peers || peers.some(({ nodeId }) => union.reference.isMember(nodeId))) continue;
    for (const other of members) {
      if (other.name === name) continue;
      const invite = `to ${name} by ${other.name}`;
      await perform(world, { do: 'invite', node: other.name, invite });
      await world.time.advance(1_000);
      await perform(world, { do: 'join', node: name, invite });
      await world.time.advance(1_000);
    }
  }
}

/** Where a log is damaged still, and nobody is left who could give back what was there, people have its node go on without. */
async function goOnWithoutWhatIsLost(world: World): Promise<void> {
  const union = await unionOf([...world.machines.values()]);
  if (!union) return;
  const members = membersOf(world, union);
  if (members.every(({ damaged }) => damaged.length === 0)) return;
  const given = new Map<SimMachine, ReadonlySet<string>>();
  for (const member of members) given.set(member, new Set(await givenBy(member)));
  for (const machine of members) {
    const { name, node, damaged } = machine;
    // Whoever is out in the eyes of a member is given nothing by it.
    const givers = members.filter((other) => membersFor(other.node).has(idKey(machine.nodeId)));
    const isLeft = ({ hash }: LoggedEntry) => givers.some((giver) => given.get(giver)?.has(toHex(hash)));
    const lost = new Set(damaged.flatMap((one) => (isLeft(one) ? [] : one.uuid)));
    const home = meshOf(node);
    // What says who is a member, and which stores there are, goes before these.
    if (home && lost.has(home.uuid) && home.status().damagedPlaces > 0) {
      await perform(world, { do: 'acceptLoss', node: name });
      await world.time.advance(10_000);
    }
    for (const store of home?.stores() ?? []) {
      if (!lost.has(store.uuid) || store.status().damagedPlaces === 0) continue;
      await perform(world, { do: 'acceptLoss', node: name, store: store.name });
      await world.time.advance(10_000);
    }
  }
}

/** The hashes of what is in its logs, but for what does not count as far as it knows: it keeps no such thing, nor hands it over. */
async function givenBy(machine: SimMachine): Promise<readonly string[]> {
  const stores = meshOf(machine.node)?.stores() ?? [];
  const histories = stores.map((store) => unlessDamaged(machine, () => uncountedIn(store)));
  const uncounted = new Set(histories.flat());
  return (await entriesOn(machine.disk))
    .map(({ hash }) => toHex(hash))
    .filter((hash) => !uncounted.has(hash));
}

function uncountedIn(store: Store): string[] {
  return [...store.history()].flatMap(({ entry, counts }) => (counts ? [] : toHex(entry)));
}

/** The machines whose nodes are members by the rules, and know of the mesh. */
function membersOf(world: World, { reference }: Union): SimMachine[] {
  const members = [...world.machines.values()].filter(
    ({ nodeId, node }) =>
      reference.isMember(nodeId) && meshOf(node) !== undefined && !knowsItselfOut({ node }),
  );
  // Twins never meet without a third.
  const [first, ...others] = members;
  return first && others.length === 0 && hasTwin(world, first) ? [] : members;
}

function hasTwin(world: World, machine: SimMachine): boolean {
  return [...world.machines.values()].some(({ twinOf }) => twinOf === machine);
}

function digestsOf({ node }: Pick<SimMachine, 'node'>): string {
  const mesh = meshOf(node);
  const digests = [mesh?.status().digest, ...(mesh?.stores() ?? []).map((store) => store.status().digest)];
  return digests.map((digest) => toHex(digest ?? new Uint8Array(0)).slice(0, 12)).join(' ');
}
