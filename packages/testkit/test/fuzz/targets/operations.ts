import assert from 'node:assert/strict';
import { decodeKvOps, encodeKvOps, type KvOp } from '@lattice/kvstore';
import { decodeMeshOps, encodeMeshOp, type MeshOp } from '@lattice/meshstore';
import { concatBytes, type InvalidOp } from '@lattice/model';
import type { FuzzTarget, Outcome } from '../target.js';
import { vectorBytes } from '../vectors.js';

/** Without the version before them. */
const operations = (file: string) => vectorBytes(file, 'payload').map((payload) => payload.subarray(1));

export const operationTargets: readonly FuzzTarget[] = [
  {
    name: 'operations of a key-value store',
    samples: operations('payloads-kv'),
    decode: (bytes) => readAlike(bytes, decodeKvOps(bytes), (ops: readonly KvOp[]) => encodeKvOps(ops)),
  },
  {
    name: 'operations of a mesh store',
    samples: operations('payloads-mesh'),
    decode: (bytes) =>
      readAlike(bytes, decodeMeshOps(bytes), (ops: readonly MeshOp[]) =>
        concatBytes(...ops.map(encodeMeshOp)),
      ),
  },
];

function readAlike<Op>(
  bytes: Uint8Array,
  decoded: readonly Op[] | InvalidOp,
  encode: (ops: readonly Op[]) => Uint8Array,
): Outcome {
  if ('kind' in decoded) {
    assert.equal(decoded.kind, 'invalid-op');
    return 'refused';
  }
  assert.deepEqual(encode(decoded), bytes);
  return 'accepted';
}
