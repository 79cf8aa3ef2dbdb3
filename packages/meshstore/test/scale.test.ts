import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blake3 } from '@lattice/crypto';
import { type NodeId, parseSignature, utf8 } from '@lattice/model';
import { evaluateMesh, MeshEvaluation, type MeshOp, ProofCache } from '@lattice/meshstore';
import { historyOf, type TestEntry } from './dag.js';
import { cutOffsAt, TestMesh } from './mesh.js';

const members = 10_000;

/** Takes every proof as valid: signatures are not what is measured here. */
class Trusting extends ProofCache {
  override verdict(): boolean {
    return true;
  }
}

/** Each member is let in by the creator (`star`), or by the one before it (`chain`). */
function grow(shape: 'chain' | 'star', count: number): { mesh: TestMesh; nodes: NodeId[] } {
  const mesh = new TestMesh(shape);
  const nodes: NodeId[] = [mesh.creator.nodeId];
  let last: TestEntry | undefined;
  let own: TestEntry | undefined;
  for (let i = 1; i <= count; i++) {
    const author = nodes[shape === 'chain' ? i - 1 : 0] as NodeId;
    const node = blake3('chain', utf8(`${shape} ${i}`)) as Uint8Array as NodeId;
    const deps = last === undefined ? [] : [last];
    const publicKey = blake3('invite', node);
    const invite: MeshOp = { kind: 'invite', publicKey, role: 'member', expiryMs: 2 ** 50 };
    const invited = mesh.dag.write({ author, prev: shape === 'star' ? own : undefined, deps, ops: [invite] });
    const dot = { entry: invited.hash, op: 0 };
    const proof = parseSignature(new Uint8Array(64));
    const admit: MeshOp = { kind: 'admit', node, role: 'member', name: '', invite: dot, proof };
    last = own = mesh.dag.write({ author, prev: invited, deps: [], ops: [admit] });
    nodes.push(node);
  }
  return { mesh, nodes };
}

for (const shape of ['chain', 'star'] as const) {
  void test(`a ${shape} of ${members} admissions asks a few questions of each`, () => {
    const { mesh } = grow(shape, members);
    let asked = 0;
    const view = evaluateMesh(
      historyOf(mesh, mesh.dag.entries, () => asked++),
      new Trusting(),
    );
    assert.equal(view.members.size, members + 1);
    assert(asked <= 4 * members, `${asked} questions`);
  });
}

void test('one more member of ten thousand is a few questions, and the others are not made anew', () => {
  const { mesh } = grow('star', members);
  const { entries } = mesh.dag;
  let asked = 0;
  const past = historyOf(mesh, entries, () => asked++);
  const evaluation = new MeshEvaluation({ ...past, entries: past.entries.slice(0, -2) }, new Trusting());
  const before = evaluation.view;
  asked = 0;
  const after = evaluation.add(past.entries.slice(-2));
  assert.equal(after.members.size, members + 1);
  assert(asked < 10, `${asked} questions`);
  for (const [key, member] of before.members) assert.equal(after.members.get(key), member);
});

void test('twenty thousand revocations of one node by one member cost little more than one', () => {
  const { mesh, nodes } = grow('star', 1_000);
  const [creator, junior] = nodes as [NodeId, NodeId];
  const revoke = (times: number): number => {
    // It accepts what let itself in: else it would stop counting with the first.
    const entries = cutOffsAt(mesh.dag.entries.slice(1, 2));
    const op: MeshOp = { kind: 'revoke', node: creator, cutOffs: [{ store: mesh.id, entries }] };
    const ops = Array.from({ length: times }, () => op);
    const last = mesh.dag.entries[2 * 1_000 - 1] as TestEntry;
    const revocation = mesh.dag.write({ author: junior, prev: undefined, deps: [last], ops });
    let asked = 0;
    const held = [...mesh.dag.entries.slice(0, 2 * 1_000), revocation];
    const view = evaluateMesh(
      historyOf(mesh, held, () => asked++),
      new Trusting(),
    );
    assert.equal(view.revocations.length, times);
    assert.equal(view.admission(mesh.id).rule(creator)?.cutOffs.length, 1);
    return asked;
  };
  const once = revoke(1);
  assert(revoke(20_000) <= once);
});
