import { blake3 } from '@lattice/crypto';
import { encodeKvOps } from '@lattice/kvstore';
import {
  cutOffsMax,
  encodeMeshOp,
  invitePublicKey,
  type MeshOp,
  proveInvite,
  type StoreCutOff,
} from '@lattice/meshstore';
import {
  compareBytes,
  compareEntryRefs,
  type Hash,
  payloadBytesMax,
  type Signature,
  type StoreId,
  utf8,
} from '@lattice/model';
import { ByteWriter, encodePayload } from '@lattice/proto';
import type { SeededRandom } from '@lattice/testkit';
import type { World } from '../world/world.js';
import type { Forgery, Saying } from './assault.js';
import { refOf } from './known.js';
import type { Thief } from './thief.js';

export interface Writer {
  readonly world: World;
  readonly thief: Thief;
  readonly store: StoreId;
  readonly step: Forgery;
  readonly chance: SeededRandom;
}

/** Where in its branch an entry stands. */
export interface Place {
  /** From 0. */
  readonly index: number;
  /** The first of the branch, for those behind it. */
  readonly first: Hash | undefined;
  readonly previous: Hash;
}

const keys = 10;
/** Three of them are as much as a stranger may hand over. */
const bulkBytes = 20_000;

export function payloadOf(writer: Writer, place: Place): Uint8Array {
  const { chance, step } = writer;
  const { says } = step;
  const name = `${step.batch} ${place.index} ${chance.below(1_000)}`;
  switch (says.kind) {
    case 'nothing':
      return new Uint8Array(0);
    case 'puts':
      return encodePayload(1, [encodeKvOps([{ kind: 'put', key: anyKey(chance), value: utf8(name) }])]);
    case 'bulk':
      return encodePayload(1, [
        encodeKvOps([{ kind: 'put', key: anyKey(chance), value: new Uint8Array(bulkBytes) }]),
      ]);
    case 'appends':
      return encodePayload(1, [new ByteWriter(64).u8(1).prefixed(utf8(name)).finish()]);
    case 'junk':
      return chance.bytes(1 + chance.below(200));
    case 'newer':
      return encodePayload(2, [chance.bytes(20)]);
    case 'tooLong':
      return new Uint8Array(payloadBytesMax + 1);
    case 'names':
      return meshPayload({ kind: 'nameMesh', name }, { kind: 'nameNode', name });
    case 'revoke':
      return meshPayload(revocation(writer, says));
    case 'admit':
      return meshPayload(admission(writer, says, place));
  }
}

function anyKey(chance: SeededRandom): Uint8Array {
  return utf8(`k${chance.below(keys)}`);
}

function meshPayload(...ops: readonly MeshOp[]): Uint8Array {
  return encodePayload(1, ops.map(encodeMeshOp));
}

function revocation(
  { world, thief, chance }: Writer,
  { whom, upTo }: Extract<Saying, { kind: 'revoke' }>,
): MeshOp {
  const node = world.machine(whom).nodeId;
  const cutOffs = thief.stores.map(({ id, known }): StoreCutOff => {
    const own = known.of(node).map(refOf).toSorted(compareEntryRefs);
    const named = {
      tips: own.slice(-3),
      middle: own.length > 0 ? [chance.pick(own)] : [],
      nothing: [],
      fabricated: [{ seq: 1 + chance.below(9), hash: chance.bytes(32) as Hash }],
    }[upTo];
    return { store: id, entries: named.slice(-cutOffsMax).map(({ seq, hash }) => ({ seq, hash })) };
  });
  return { kind: 'revoke', node, cutOffs: cutOffs.toSorted((a, b) => compareBytes(a.store, b.store)) };
}

/** The first of a branch opens an invite; those behind it let somebody in by it, or by one that there never was. */
function admission(
  { world, thief, store, chance, step }: Writer,
  { whom, proof }: Extract<Saying, { kind: 'admit' }>,
  { index, first, previous }: Place,
): MeshOp {
  const secret = blake3('invite', utf8(`${thief.name} ${step.batch}`));
  const expiryMs = world.time.nowMs() + 3_600_000;
  if (first === undefined)
    return { kind: 'invite', publicKey: invitePublicKey(secret), role: 'member', expiryMs };
  const node =
    proof === 'shared' && index % 2 === 0 ? thief.stranger(index).nodeId : world.machine(whom).nodeId;
  const right = proveInvite(secret, store, node);
  return {
    kind: 'admit',
    node,
    role: 'member',
    name: '',
    invite: { entry: proof === 'wrong' && chance.below(2) === 0 ? previous : first, op: 0 },
    proof: proof === 'wrong' ? (right.map((byte) => byte ^ 1) as Signature) : right,
  };
}
