import { hex, varint } from './cursor.js';

/** An operation of the mesh store, as the vectors write it down. */
export type NaiveMeshOp =
  | { readonly kind: 'nameMesh' | 'nameNode'; readonly name: string }
  | { readonly kind: 'invite'; readonly publicKey: string; readonly expiryMs: number }
  | {
      readonly kind: 'admit';
      readonly node: string;
      readonly name: string;
      readonly invite: { readonly entry: string; readonly op: number };
      readonly proof: string;
    }
  | { readonly kind: 'revoke'; readonly node: string; readonly cutOffs: readonly NaiveCutOffs[] }
  | { readonly kind: 'createStore'; readonly type: string; readonly random: string; readonly name: string }
  | { readonly kind: 'nameStore'; readonly store: string; readonly name: string }
  | { readonly kind: 'removeStore'; readonly store: string };

interface NaiveCutOffs {
  readonly store: string;
  readonly entries: readonly { readonly seq: number; readonly hash: string }[];
}

/** Sections "Payload" and "Mesh operations". */
export function meshPayload(operations: readonly NaiveMeshOp[]): Buffer {
  return Buffer.concat([varint(1n), ...operations.map(operation)]);
}

function operation(op: NaiveMeshOp): Buffer {
  switch (op.kind) {
    case 'nameMesh':
      return laidOut(1, text(op.name));
    case 'invite':
      return laidOut(2, hex(op.publicKey), member, varint(BigInt(op.expiryMs)));
    case 'admit': {
      const { node, name, invite, proof } = op;
      return laidOut(
        3,
        hex(node),
        member,
        text(name),
        hex(invite.entry),
        varint(BigInt(invite.op)),
        hex(proof),
      );
    }
    case 'revoke':
      return laidOut(
        4,
        hex(op.node),
        list(
          inOrder(op.cutOffs, ({ store }) => store),
          cutOffs,
        ),
      );
    case 'createStore':
      return laidOut(5, text(op.type), hex(op.random), text(op.name));
    case 'nameStore':
      return laidOut(6, hex(op.store), text(op.name));
    case 'nameNode':
      return laidOut(7, text(op.name));
    case 'removeStore':
      return laidOut(8, hex(op.store));
  }
}

function cutOffs({ store, entries }: NaiveCutOffs): Buffer {
  const sorted = inOrder(entries, ({ seq, hash }) => String(seq).padStart(20, '0') + hash);
  return Buffer.concat([
    hex(store),
    list(sorted, ({ seq, hash }) => Buffer.concat([varint(BigInt(seq)), hex(hash)])),
  ]);
}

const member = Buffer.from([1]);

function laidOut(code: number, ...fields: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([code]), ...fields]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([varint(BigInt(bytes.length)), bytes]);
}

function list<T>(items: readonly T[], lay: (item: T) => Buffer): Buffer {
  return Buffer.concat([varint(BigInt(items.length)), ...items.map(lay)]);
}

function inOrder<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
