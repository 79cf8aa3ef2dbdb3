import { blake3, type KeyPair, keyPairFromSeed } from '@lattice/crypto';
import {
  concatBytes,
  type CutOff,
  type Dot,
  type Hlc,
  hlcFromMs,
  hlcMax,
  hlcNext,
  type MeshGenesis,
  parseStoreId,
  type Random,
  type StoreId,
  utf8,
} from '@lattice/model';
import { encodeGenesis } from '@lattice/proto';
import {
  type AdmitOp,
  type CreateStoreOp,
  evaluateMesh,
  type InviteOp,
  type MeshOp,
  type MeshView,
  newInvite,
  ProofCache,
  proveInvite,
  storeGenesis,
} from '@lattice/meshstore';
import { headsOf, historyOf, TestDag, type TestEntry } from './dag.js';

/** How an entry is written other than after everything that there is, on the author's last chain, by a right clock. */
export interface How {
  /** The only other entries that it sees. */
  readonly seeing?: readonly TestEntry[];
  /** The author's entry to go on from, for a fork; `null` starts the chain anew. */
  readonly from?: TestEntry | null;
  readonly hlc?: Hlc;
}

export interface TestInvite {
  readonly entry: TestEntry;
  readonly dot: Dot;
  readonly secret: Uint8Array;
}

/** A mesh whose history is written line by line. Its clock goes one second on with every entry. */
export class TestMesh {
  readonly creator: KeyPair;
  readonly genesis: MeshGenesis;
  readonly id: StoreId;
  readonly dag: TestDag;
  readonly proofs = new ProofCache();
  nowMs = 1_700_000_000_000;

  constructor(name = 'mesh') {
    this.creator = testNode(`${name}'s creator`);
    this.genesis = { kind: 'mesh', creator: this.creator.nodeId, random: blake3('chain', utf8(name)) };
    this.id = parseStoreId(blake3('genesis', encodeGenesis(this.genesis)));
    this.dag = new TestDag(this.id);
  }

  write(author: KeyPair, ops: readonly MeshOp[], { seeing, from, hlc }: How = {}): TestEntry {
    this.nowMs += 1000;
    const prev = from === null ? undefined : (from ?? this.dag.of(author.nodeId).at(-1));
    const deps = seeing ?? headsOf(this.dag.entries);
    const greatest = [...deps, ...(prev === undefined ? [] : [prev])].reduce<Hlc>(
      (time, { time: other }) => hlcMax(time, hlcNext(other)),
      hlcFromMs(this.nowMs),
    );
    return this.dag.write({ author: author.nodeId, prev, deps, hlc: hlc ?? greatest, ops });
  }

  invite(author: KeyPair, options: How & Partial<InviteOp> = {}): TestInvite {
    const { secret, publicKey } = newInvite(testRandom(`invite ${this.dag.entries.length}`));
    const { expiryMs = this.nowMs + 3_600_000, publicKey: own = publicKey, ...how } = options;
    const entry = this.write(author, [{ kind: 'invite', publicKey: own, role: 'member', expiryMs }], how);
    return { entry, dot: { entry: entry.hash, op: 0 }, secret };
  }

  admission(node: KeyPair, { dot, secret }: Pick<TestInvite, 'dot' | 'secret'>, name = ''): AdmitOp {
    const proof = proveInvite(secret, this.id, node.nodeId);
    return { kind: 'admit', node: node.nodeId, role: 'member', name, invite: dot, proof };
  }

  admit(by: KeyPair, node: KeyPair, invite: TestInvite, how: How = {}): TestEntry {
    return this.write(by, [this.admission(node, invite)], how);
  }

  /** An invite and an admission in one go. */
  join(by: KeyPair, name: string, how: How = {}): KeyPair {
    const node = testNode(name);
    const invite = this.invite(by, how);
    this.write(by, [this.admission(node, invite, name)], {
      ...how,
      ...(how.from === undefined ? {} : { from: invite.entry }),
    });
    return node;
  }

  /** Accepts in the mesh store just the given entries and what they follow. */
  revoke(by: KeyPair, node: KeyPair, accepting: readonly TestEntry[], how: How = {}): TestEntry {
    return this.write(by, [this.revocation(node, accepting)], how);
  }

  revocation(node: KeyPair, accepting: readonly TestEntry[]): MeshOp {
    return {
      kind: 'revoke',
      node: node.nodeId,
      cutOffs: [{ store: this.id, entries: cutOffsAt(accepting) }],
    };
  }

  /** All that the author wrote so far. */
  tipOf({ nodeId }: KeyPair): TestEntry[] {
    return this.dag.of(nodeId).slice(-1);
  }

  /** What a node sees that has these entries; all there are, unless given. */
  view(holding: Iterable<TestEntry> = this.dag.entries): MeshView {
    return evaluateMesh(historyOf(this, holding), this.proofs);
  }
}

export function testNode(name: string): KeyPair {
  const known = nodes.get(name);
  if (known !== undefined) return known;
  const node = keyPairFromSeed(blake3('chain', utf8(name)));
  nodes.set(name, node);
  return node;
}

const nodes = new Map<string, KeyPair>();

/** Who the view says is a member, of those asked about. */
export function membersAmong(view: MeshView, people: Readonly<Record<string, KeyPair>>): string {
  return Object.keys(people)
    .filter((name) => view.isMember((people[name] as KeyPair).nodeId))
    .join(' ');
}

export function cutOffsAt(entries: readonly TestEntry[]): CutOff[] {
  return entries.map(({ seq, hash }) => ({ seq, hash }));
}

export function createStore(name: string, type = 'kv'): CreateStoreOp {
  return { kind: 'createStore', type, random: blake3('chain', utf8(name)), name };
}

export function storeIdOf(mesh: TestMesh, name: string): StoreId {
  return storeGenesis(mesh.id, createStore(name)).id;
}

/** Bytes that follow from a name. */
export function testRandom(name: string): Random {
  let count = 0;
  return {
    bytes: (length) => blake3('chain', concatBytes(utf8(name), Uint8Array.of(count++))).slice(0, length),
  };
}
