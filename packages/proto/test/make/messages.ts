import { blake3 } from '@lattice/crypto';
import { digestOf } from '@lattice/kernel';
import { concatBytes, toHex } from '@lattice/model';
import { encodeBundle, encodeGenesis, encodeMessage, newMessage, wire } from '@lattice/proto';
import { story } from './bundles.js';
import { plain } from './json.js';
import {
  alice,
  bob,
  bundleOf,
  counting,
  evening,
  filled,
  kvId,
  meshGenesis,
  meshId,
  refOf,
} from './material.js';

type Init<Schema extends Parameters<typeof newMessage>[0]> = Parameters<typeof newMessage<Schema>>[1];
type OpenKind = NonNullable<Init<typeof wire.StreamOpenSchema>['kind']>;
type ControlBody = NonNullable<Init<typeof wire.ControlMessageSchema>['body']>;
type GossipBody = NonNullable<Init<typeof wire.GossipSchema>['body']>;
type SyncBody = NonNullable<Init<typeof wire.SyncMessageSchema>['body']>;

const { a1, b1 } = story;
const meshTag = blake3('mesh-tag', meshId, alice.nodeId, bob.nodeId).subarray(0, 16);
const nonce = counting(16, 0xf0);
const tips = [a1, b1].map(refOf).map(({ author, seq, hash }) => ({ author, seq: BigInt(seq), hash }));
const bundle = encodeBundle(bundleOf(a1), 'full');

const broadcast = blake3('gossip', kvId, bundle).subarray(0, 16);

const opens: Record<string, OpenKind> = {
  'a control stream': { case: 'control', value: {} },
  'a sync of one store': { case: 'sync', value: { store: kvId } },
  'a handover': { case: 'handover', value: { meshTag } },
};

const controls: Record<string, ControlBody> = {
  hello: {
    case: 'hello',
    value: { protocol: 1, software: 'lattice', clockMs: evening >> 16n, meshes: { tags: [meshTag] } },
  },
  'no mesh is shared any more': { case: 'meshes', value: { tags: [] } },
  addresses: {
    case: 'addresses',
    value: {
      meshTag,
      peers: [{ node: alice.nodeId, direct: ['192.168.1.5:4433', '[::1]:4433'], relay: 'https://r/' }],
    },
  },
  ping: { case: 'ping', value: { nonce: 7n } },
  pong: { case: 'pong', value: { nonce: 7n } },
  'what is held': {
    case: 'holdings',
    value: { stores: [{ store: kvId, digest: digestOf([a1.hash]), entries: 300n }] },
  },
  'a push': { case: 'push', value: { store: kvId, bundle } },
  'a push along a tree': { case: 'push', value: { store: kvId, bundle, round: 3 } },
  'a request to join': {
    case: 'join',
    value: { meshTag, invite: filled(5), proof: filled(6, 64), name: 'bob' },
  },
  'the genesis for who joined': {
    case: 'joinReply',
    value: { outcome: { case: 'genesis', value: encodeGenesis(meshGenesis) } },
  },
  'a refusal to let somebody join': {
    case: 'joinReply',
    value: { outcome: { case: 'refusal', value: wire.JoinRefusal.EXPIRED } },
  },
};

const gossips: Record<string, GossipBody> = {
  'a node enters the overlay': { case: 'viewJoin', value: {} },
  'a walk of who entered': { case: 'forwardJoin', value: { node: bob.nodeId, ttl: 6 } },
  'a wish to be neighbors that must not be refused': { case: 'neighbor', value: { high: true } },
  'a wish to be neighbors': { case: 'neighbor', value: {} },
  'neighbors from now on': { case: 'neighborReply', value: { accepted: true } },
  'no neighbors': { case: 'neighborReply', value: {} },
  'neighbors no more': { case: 'disconnect', value: {} },
  'candidates on a walk': { case: 'shuffle', value: { origin: alice.nodeId, ttl: 3, nodes: [bob.nodeId] } },
  'candidates for others': { case: 'shuffleReply', value: { nodes: [alice.nodeId, bob.nodeId] } },
  announcements: { case: 'iHave', value: { ids: concatBytes(broadcast, filled(7, 16)), rounds: [1, 300] } },
  'a request for what was announced': { case: 'graft', value: { id: broadcast } },
  'a request to be pushed to': { case: 'graft', value: {} },
  'a request not to be pushed to': { case: 'prune', value: {} },
};

const syncs: Record<string, SyncBody> = {
  'an opening': { case: 'opening', value: { digest: digestOf([a1.hash]) } },
  'an opening, for whole tips': { case: 'opening', value: { digest: digestOf([a1.hash]), whole: true } },
  equal: { case: 'equal', value: {} },
  'short ids': {
    case: 'shortIds',
    value: { nonce, shortIds: blake3('short-id', nonce, a1.hash).subarray(0, 8) },
  },
  'ranges, to be continued': {
    case: 'ranges',
    value: { nonce, part: Uint8Array.of(0x61, 0, 0), more: true },
  },
  'the rest of the ranges': { case: 'ranges', value: { part: Uint8Array.of(2, 0) } },
  'what differs, to be continued': {
    case: 'differing',
    value: { tips, unknownShortIds: filled(4, 8), more: true },
  },
  'what differs, as far as it may be named': {
    case: 'differing',
    value: { tips: [], horizon: evening, partial: true },
  },
  'what differs, from the other': {
    case: 'differing',
    value: { tips: [], horizon: evening, unionDigest: digestOf([a1.hash, b1.hash]) },
  },
  verdicts: { case: 'verdicts', value: { known: [true, false, true] } },
  'a probe': { case: 'probe', value: { samples: tips } },
  'what of it is known': { case: 'probeReply', value: { known: [false, true] } },
  'a bundle': { case: 'bundle', value: { index: 300n, bundle } },
  'a bundle was taken': { case: 'ack', value: { index: 300n } },
  'a bundle is needed in full': { case: 'ack', value: { index: 300n, needsFull: true } },
  done: { case: 'done', value: {} },
  'a failure': { case: 'failure', value: { code: wire.FailureCode.UNABLE, reason: 'the disk is full' } },
};

/** Messages as they go over a stream, each in its frame. */
export function messageVectors() {
  const { StreamOpenSchema, ControlMessageSchema, SyncMessageSchema } = wire;
  const all = [
    ...Object.entries(opens).map(([name, kind]) =>
      vector(
        name,
        'StreamOpen',
        kind,
        encodeMessage(StreamOpenSchema, newMessage(StreamOpenSchema, { kind })),
      ),
    ),
    ...Object.entries(controls).map(([name, body]) =>
      vector(
        name,
        'ControlMessage',
        body,
        encodeMessage(ControlMessageSchema, newMessage(ControlMessageSchema, { body })),
      ),
    ),
    ...Object.entries(gossips).map(([name, gossip]) => {
      const body: ControlBody = { case: 'gossip', value: { meshTag, body: gossip } };
      const message = newMessage(ControlMessageSchema, { body });
      return vector(name, 'ControlMessage', body, encodeMessage(ControlMessageSchema, message));
    }),
    ...Object.entries(syncs).map(([name, body]) =>
      vector(
        name,
        'SyncMessage',
        body,
        encodeMessage(SyncMessageSchema, newMessage(SyncMessageSchema, { body })),
      ),
    ),
  ];
  return { messages: all };
}

interface Body {
  readonly case?: string | undefined;
  readonly value?: object | undefined;
}

function vector(name: string, type: string, { case: body, value }: Body, bytes: Uint8Array) {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, bytes.length);
  return { name, type, body, fields: plain(value), frame: toHex(concatBytes(header, bytes)) };
}
