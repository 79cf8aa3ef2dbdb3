import fc from 'fast-check';
import { blake3, type KeyPair } from '@lattice/crypto';
import { type Hlc, hlcFromMs, type StoreId, utf8 } from '@lattice/model';
import { type MeshOp, newInvite, proveInvite, type StoreCutOff } from '@lattice/meshstore';
import { closure, headsOf, type Holding, sees, TestDag, type TestEntry } from './dag.js';
import { createStore, cutOffsAt, storeIdOf, TestMesh, testNode, testRandom } from './mesh.js';

/*
 * Random and adversarial histories. fast-check draws a script of small numbers, which is then played: a number chooses
 * among what there is, modulo how many there are; so a shrunken script is still a script.
 */

const people = 6;

/** The entry's claimed time, beside what it should be. */
const claims = ['honest', 'honest', 'honest', 'beginning', 'old', 'same', 'future'] as const;
const actions = [
  'invite',
  'admit',
  'admit',
  'revoke',
  'revoke',
  'revoke',
  'name',
  'store',
  'nothing',
] as const;
const accepting = ['seen', 'seen', 'some', 'nothing', 'unseen'] as const;
const proofs = ['good', 'good', 'good', 'good', 'good', 'good', 'bad'] as const;
const expiries = ['late', 'late', 'late', 'late', 'late', 'late', 'now', 'over'] as const;

const act = fc.record({
  action: fc.constantFrom(...actions),
  whom: fc.nat(people - 1),
  which: fc.nat(40),
  accepting: fc.constantFrom(...accepting),
  proof: fc.constantFrom(...proofs),
  expiry: fc.constantFrom(...expiries),
});

const step = fc.record({
  who: fc.nat(people - 1),
  acts: fc.array(act, { minLength: 1, maxLength: 3, size: 'max' }),
  /** Which heads of the others it sees: bit by bit; all ones: all. */
  sees: fc.oneof({ weight: 4, arbitrary: fc.constant(0xffff) }, fc.nat(0xffff), fc.constant(0)),
  /** How many of the last entries it has not heard of yet. */
  lag: fc.oneof(fc.constant(0), fc.nat(12)),
  /** How far back on its chain it goes on from: 0, the tip. */
  back: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5) }),
  claim: fc.constantFrom(...claims),
  /** Whether it writes to the other store too. */
  data: fc.boolean(),
});

export const script = fc.record({
  /** Who lets in whom at first, in good order: of each node, by how many places its admitter came before it. */
  family: fc.array(fc.nat(3), { minLength: 1, maxLength: people - 1, size: 'max' }),
  steps: fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }),
});

type Script = typeof script extends fc.Arbitrary<infer T> ? T : never;
type Step = Script['steps'][number];
type Act = Step['acts'][number];

export interface RandomMesh {
  readonly mesh: TestMesh;
  /** Another store of the mesh. */
  readonly data: TestDag;
}

export function play({ family, steps }: Script): RandomMesh {
  const mesh = new TestMesh();
  const player = new Play(mesh);
  family.forEach((back, i) => player.letIn(Math.max(0, i - back), i + 1));
  for (const one of steps) player.step(one);
  return { mesh, data: player.data };
}

/** Part of all entries, such as one node may have: those that the numbers choose, and all that they see. */
export function holdingOf(dag: TestDag, choices: readonly number[]): Set<TestEntry> {
  if (dag.entries.length === 0) return new Set();
  return closure(choices.map((choice) => pick(dag.entries, choice)));
}

class Play {
  readonly data: TestDag;
  readonly #mesh: TestMesh;
  readonly #nodes: readonly KeyPair[];
  readonly #dataStore: StoreId;
  readonly #secrets = new Map<TestEntry, Uint8Array[]>();
  #count = 0;

  constructor(mesh: TestMesh) {
    this.#mesh = mesh;
    this.#nodes = [mesh.creator, ...Array.from({ length: people - 1 }, (_, i) => testNode(`node ${i + 1}`))];
    this.#dataStore = storeIdOf(mesh, 'data');
    this.data = new TestDag(this.#dataStore);
  }

  letIn(by: number, whom: number): void {
    const invite = this.#mesh.invite(this.#node(by));
    this.#secrets.set(invite.entry, [invite.secret]);
    this.#mesh.admit(this.#node(by), this.#node(whom), invite);
  }

  step({ who, acts, sees: mask, lag, back, claim, data }: Step): void {
    const author = this.#node(who);
    const own = this.#mesh.dag.of(author.nodeId);
    const prev = own.at(-1 - (back % Math.max(1, own.length)));
    const heard = this.#mesh.dag.entries.slice(0, Math.max(1, this.#mesh.dag.entries.length - lag));
    const seeing = headsOf(heard).filter((_, i) => (mask >> (i % 16)) & 1);
    const past = closure([...seeing, ...(prev === undefined ? [] : [prev])]);
    const secrets: Uint8Array[] = [];
    const ops = acts.flatMap((one) => this.#ops(who, one, past, secrets));
    const hlc = this.#hlc(claim, past);
    const entry = this.#mesh.write(author, ops, {
      seeing,
      ...(prev === undefined ? { from: null } : { from: prev }),
      ...(hlc === undefined ? {} : { hlc }),
    });
    this.#secrets.set(entry, secrets);
    if (data) this.#writeData(author, back, hlc ?? entry.hlc);
  }

  #writeData({ nodeId: author }: KeyPair, back: number, hlc: Hlc): void {
    const own = this.data.of(author);
    this.data.write({ author, prev: own.at(-1 - (back % Math.max(1, own.length))), deps: [], hlc, ops: [] });
  }

  #hlc(claim: Step['claim'], past: Holding): Hlc | undefined {
    const entries = [...past].sort((a, b) => a.place - b.place);
    switch (claim) {
      case 'honest':
        return undefined;
      case 'beginning':
        return 0n as Hlc;
      case 'old':
        return entries[Math.floor(entries.length / 2)]?.time;
      case 'same':
        return entries.at(-1)?.time;
      case 'future':
        return hlcFromMs(this.#mesh.nowMs + 3_000_000);
    }
  }

  #ops(who: number, one: Act, past: Holding, secrets: Uint8Array[]): MeshOp[] {
    switch (one.action) {
      case 'invite':
        return [this.#invite(one, secrets)];
      case 'admit':
        return this.#admit(one);
      case 'revoke':
        return [this.#revoke(who, one, past)];
      case 'name':
        return [
          { kind: 'nameMesh', name: `mesh ${one.which}` },
          { kind: 'nameNode', name: `node ${one.which}` },
        ];
      case 'store':
        return [
          createStore(`store ${one.which % 3}`),
          { kind: 'nameStore', store: this.#dataStore, name: 'x' },
        ];
      case 'nothing':
        return [];
    }
  }

  #invite({ expiry }: Act, secrets: Uint8Array[]): MeshOp {
    const { secret, publicKey } = newInvite(testRandom(`secret ${this.#count++}`));
    secrets.push(secret);
    const inMs = { late: 3_600_000, now: 2_000, over: -1 }[expiry];
    return { kind: 'invite', publicKey, role: 'member', expiryMs: this.#mesh.nowMs + inMs };
  }

  /** On any invite there is, whether or not it is seen, or on none. */
  #admit({ whom, which, proof }: Act): MeshOp[] {
    const { nodeId } = this.#node(whom);
    const invites = this.#mesh.dag.entries.flatMap((entry) => this.#invitesIn(entry));
    if (invites.length === 0) return [];
    // The latest are the likely ones to be free.
    const { dot, secret } = pick(invites, invites.length - 1 - (which % 3));
    const good = proveInvite(secret, this.#mesh.id, nodeId);
    const bad = proveInvite(blake3('chain', utf8('guess')), this.#mesh.id, nodeId);
    const name = which % 2 === 0 ? '' : `guest ${which}`;
    return [
      {
        kind: 'admit',
        node: nodeId,
        role: 'member',
        name,
        invite: dot,
        proof: proof === 'good' ? good : bad,
      },
    ];
  }

  #invitesIn(entry: TestEntry) {
    const secrets = this.#secrets.get(entry) ?? [];
    return entry.operations
      .filter(({ op }) => op.kind === 'invite')
      .map(({ index }, i) => ({ dot: { entry: entry.hash, op: index }, secret: secrets[i] as Uint8Array }));
  }

  /** Few leave, and few turn against the creator: not much is left to look at after that. */
  #revoke(who: number, one: Act, past: Holding): MeshOp {
    const { whom, which } = one;
    const { nodeId } = this.#node(who === whom || whom === 0 ? whom + (which % 3) : whom);
    const cutOffs: StoreCutOff[] = [];
    const inMesh = this.#named(one, this.#mesh.dag.of(nodeId), past);
    if (inMesh !== undefined) cutOffs.push({ store: this.#mesh.id, entries: cutOffsAt(inMesh) });
    const data = this.data.of(nodeId);
    const inData = this.#named(one, data, new Set(data.filter((_, i) => (one.which >> (i % 5)) & 1)));
    if (inData !== undefined) cutOffs.push({ store: this.#dataStore, entries: cutOffsAt(inData) });
    return { kind: 'revoke', node: nodeId, cutOffs };
  }

  #named(
    { accepting: how, which }: Act,
    theirs: readonly TestEntry[],
    past: Holding,
  ): TestEntry[] | undefined {
    const seen = theirs.filter((entry) => past.has(entry));
    switch (how) {
      case 'seen':
        return headsOf(seen).filter((head) => !seen.some((other) => sees(other, head)));
      case 'some':
        return seen.length === 0 ? [] : [pick(seen, which)];
      case 'unseen':
        return theirs.length === 0 ? [] : [pick(theirs, theirs.length - 1 - (which % theirs.length))];
      case 'nothing':
        return which % 2 === 0 ? undefined : [];
    }
  }

  #node(which: number): KeyPair {
    return pick(this.#nodes, which);
  }
}

function pick<T>(items: readonly T[], which: number): T {
  return items[((which % items.length) + items.length) % items.length] as T;
}
