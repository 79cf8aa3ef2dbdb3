import { blake3, keyPairFromSeed } from '@lattice/crypto';
import {
  assert,
  type EntryRef,
  type Hash,
  hlcFromMs,
  parseHash,
  parseNodeId,
  parseStoreId,
  type StoreId,
} from '@lattice/model';
import type { LinkStore, PeerLink } from '@lattice/net';
import type { Connection, Stream } from '@lattice/net-types';
import type { SendableBundle } from '@lattice/proto';
import { MemoryNetwork, VirtualTime } from '@lattice/testkit';
import { FakeMesh } from './fake-mesh.js';
import { Party } from './party.js';

type Side = Party<FakeMesh<ChainStore>>;

const hashBytes = 32;
const dayMs = Date.UTC(2026, 0, 1);

/** Two members, each of whom has what the other lacks, on a network that breaks after any number of bytes. */
export class CutRig implements AsyncDisposable {
  readonly time = new VirtualTime();
  readonly sides: readonly [Side, Side];
  /** How many bytes of streams were read on both sides together. */
  readBytes = 0;
  /** How many more are read before the connection breaks, in the middle of what carries the next. */
  leftBytes = Infinity;
  readonly #network = new MemoryNetwork({ timers: this.time, latencyMs: 1 });

  /** How many entries the chains of either have, by author: of none do both have a branch. */
  constructor(chains: readonly (readonly [number, number])[]) {
    const over = (connection: Connection) => this.#cut(connection);
    const side = (index: 0 | 1): Side => {
      const { nodeId } = keyPairFromSeed(new Uint8Array(hashBytes).fill(index + 1));
      const lengths = chains.map((ofBoth) => ofBoth[index]);
      const mesh = new FakeMesh(new ChainStore(1, []), new ChainStore(2, lengths));
      mesh.isListed = false;
      return new Party({ nodeId, network: this.#network, time: this.time, mesh, over });
    };
    this.sides = [side(0), side(1)];
    const [dialler, other] = this.sides;
    for (const { mesh } of this.sides) mesh.members.push(dialler.nodeId, other.nodeId);
    other.acceptAll();
  }

  /** Connects the two. Where the store is on their list by then, the dialler syncs it by itself. */
  async connect(): Promise<PeerLink> {
    const [dialler, other] = this.sides;
    const link = await this.time.run(dialler.dial(other));
    await this.time.advance(200);
    return link;
  }

  /** The mesh has the store from now on. */
  listStore(): void {
    for (const { mesh } of this.sides) mesh.isListed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { transport } of this.sides) await transport[Symbol.asyncDispose]();
    await this.time.advance(100);
  }

  /** A connection that breaks when as many bytes were read as may be. */
  #cut(connection: Connection): Connection {
    const wrap = (stream: Stream | undefined) => stream && this.#cutStream(stream);
    return {
      remote: connection.remote,
      dialled: connection.dialled,
      closed: connection.closed,
      openStream: async () => this.#cutStream(await connection.openStream()),
      acceptStream: async () => wrap(await connection.acceptStream()),
      close: (reason) => connection.close(reason),
      info: () => connection.info(),
    };
  }

  #cutStream(stream: Stream): Stream {
    return {
      write: (bytes) => stream.write(bytes),
      finish: () => stream.finish(),
      reset: () => stream.reset(),
      read: async () => {
        const bytes = await stream.read();
        if (!bytes) return undefined;
        const arrived = bytes.subarray(0, this.leftBytes);
        this.leftBytes -= arrived.length;
        this.readBytes += arrived.length;
        if (arrived.length === bytes.length) return bytes;
        const [one, other] = this.sides;
        this.#network.disconnect(one.nodeId, other.nodeId);
        return arrived.length > 0 ? arrived : stream.read();
      },
    };
  }
}

/** A store of chains that have nothing in them but their lengths. What it has taken is durable at once. */
class ChainStore implements LinkStore {
  readonly id: StoreId;
  /** How many entries it was sent. */
  offered = 0;
  readonly #lengths: number[];

  constructor(id: number, lengths: readonly number[]) {
    this.id = parseStoreId(new Uint8Array(hashBytes).fill(id));
    this.#lengths = [...lengths];
  }

  tips(): readonly EntryRef[] {
    return this.#lengths.flatMap((seq, author) => (seq > 0 ? [entryOf(author, seq)] : []));
  }

  timeOf({ seq }: EntryRef): ReturnType<LinkStore['timeOf']> {
    return hlcFromMs(dayMs + seq);
  }

  digest(): Hash {
    return parseHash(blake3('tips', ...this.tips().map(({ hash }) => hash)));
  }

  entries(): number {
    return this.#lengths.reduce((sum, length) => sum + length, 0);
  }

  knows({ author, seq }: EntryRef): boolean {
    return seq <= (this.#lengths[author[0] ?? 0] ?? 0);
  }

  samples(): [] {
    return [];
  }

  outgoing(has: readonly EntryRef[]): Iterator<SendableBundle> {
    // What comes meanwhile is not sent back.
    return bundlesAfter(has, [...this.#lengths]);
  }

  horizon(): ReturnType<LinkStore['horizon']> {
    return hlcFromMs(2 * dayMs);
  }

  async admit([author, seq]: Uint8Array): ReturnType<LinkStore['admit']> {
    this.offered++;
    assert(author !== undefined && seq !== undefined, 'a bundle comes whole or not at all');
    const length = this.#lengths[author] ?? 0;
    if (seq > length + 1) return { kind: 'invalid', reason: 'an entry is left out' };
    if (seq <= length) return { kind: 'taken', entries: 0 };
    this.#lengths[author] = seq;
    return { kind: 'taken', entries: 1 };
  }
}

function* bundlesAfter(has: readonly EntryRef[], lengths: readonly number[]): Generator<SendableBundle> {
  for (const [author, length] of lengths.entries()) {
    const there = has.filter((entry) => entry.author[0] === author).map(({ seq }) => seq);
    for (let seq = Math.max(0, ...there) + 1; seq <= length; seq++)
      yield { entries: 1, encode: () => Uint8Array.of(author, seq) };
  }
}

function entryOf(author: number, seq: number): EntryRef {
  return {
    author: parseNodeId(new Uint8Array(hashBytes).fill(author)),
    seq,
    hash: parseHash(blake3('tips', Uint8Array.of(author, seq))),
  };
}
