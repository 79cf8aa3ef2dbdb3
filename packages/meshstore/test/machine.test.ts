import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Applied,
  compareBytes,
  type EntryInfo,
  fromHex,
  type Hlc,
  type LocalRef,
  parseHash,
  parseNodeId,
  type StateTxn,
  toHex,
} from '@lattice/model';
import { encodeMeshOp, meshMachine, type MeshOp, readMeshEntries, readMeshOps } from '@lattice/meshstore';

/** A state in memory that counts what is put. */
class TestState implements StateTxn {
  puts = 0;
  readonly #values = new Map<string, Uint8Array>();

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#values.get(toHex(key));
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.puts++;
    this.#values.set(toHex(key), value);
  }

  remove(key: Uint8Array): void {
    this.#values.delete(toHex(key));
  }

  *range(): Iterable<readonly [Uint8Array, Uint8Array]> {
    const pairs = [...this.#values].map(([key, value]) => [fromHex(key), value] as const);
    yield* pairs.sort(([a], [b]) => compareBytes(a, b));
  }
}

function at(ref: number, op: number): Applied {
  const hash = parseHash(new Uint8Array(32).fill(ref));
  return {
    ref: ref as LocalRef,
    op,
    dot: { entry: hash, op },
    author: parseNodeId(hash),
    time: BigInt(ref) as Hlc,
    sees: () => false,
    info,
    notice: () => undefined,
  };
}

function info(ref: LocalRef): EntryInfo {
  const hash = parseHash(new Uint8Array(32).fill(ref));
  return { author: parseNodeId(hash), seq: 1, hash, hlc: BigInt(ref) as Hlc, time: BigInt(ref) as Hlc };
}

const named = (name: string): MeshOp => ({ kind: 'nameMesh', name });

void test('it is the machine of mesh stores, in version 1', () => {
  assert.deepEqual([meshMachine.type, meshMachine.version], ['mesh', 1]);
  assert.deepEqual(meshMachine.decode(encodeMeshOp(named('a'))), [named('a')]);
  assert.deepEqual(meshMachine.decode(Uint8Array.of(99)), {
    kind: 'invalid-op',
    reason: 'operation kind 99 is not known',
  });
});

void test('it writes each operation down with one put, under its place in the log', () => {
  const state = new TestState();
  meshMachine.apply(named('x'), at(258, 3), state);
  assert.equal(state.puts, 1);
  assert.deepEqual(
    [...state.range()].map(([key, value]) => [toHex(key), toHex(value)]),
    [['000000000000010200000003', '010178']],
  );
});

void test('what it wrote reads back, by entry, in the order of the log', () => {
  const state = new TestState();
  meshMachine.apply(named('c'), at(7, 1), state);
  meshMachine.apply(named('d'), at(200, 0), state);
  meshMachine.apply(named('b'), at(7, 0), state);
  assert.deepEqual(
    [...readMeshOps(state)].map(({ ref, index, op }) => [ref, index, op]),
    [
      [7, 0, named('b')],
      [7, 1, named('c')],
      [200, 0, named('d')],
    ],
  );
  assert.deepEqual(readMeshEntries(state, info), [
    {
      ...info(7 as LocalRef),
      ref: 7,
      operations: [
        { index: 0, op: named('b') },
        { index: 1, op: named('c') },
      ],
    },
    { ...info(200 as LocalRef), ref: 200, operations: [{ index: 0, op: named('d') }] },
  ]);
});
