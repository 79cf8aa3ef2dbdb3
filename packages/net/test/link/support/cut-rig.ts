import { blake3, keyPairFromSeed } from '@lattice/crypto';
import {
  assert,
  compareBytes,
  type EntryRef,
  type Hash,
  hlcFromMs,
  parseHash,
  parseNodeId,
  parseStoreId,
  silentLogger,
  type StoreId,
} from '@lattice/model';
import { InboundRoom, type LinkMesh, type LinkStore, PeerLink, strangerAllowance } from '@lattice/net';
import type { CloseReason, Connection, Stream } from '@lattice/net-types';
import { type SendableBundle, wire } from '@lattice/proto';
import { MemoryNetwork, SeededRandom, VirtualTime } from '@lattice/testkit';
import { hostOf } from './link-host.js';

const hashBytes = 32;
const dayMs = Date.UTC(2026, 0, 1);

/** Two members, each of whom has what the other lacks, on a network that breaks after any number of bytes. */
export class CutRig implements AsyncDisposable {
  readonly time = new VirtualTime();
  readonly sides: readonly [CutSide, CutSide];
  /** How many bytes of streams were read on both sides together. */
  readBytes = 0;
  /** How many more are read before the connection breaks, in the middle of what carries the next. */
  leftBytes = Infinity;
  readonly #network = new MemoryNetwork({ timers: this.time, latencyMs: 1 });

  /** How many entries the chains of either have, by author: of none do both have a branch. */
  constructor(chains: readonly (readonly [number, number])[]) {
    const side = (index: 0 | 1) => {
      const nodeId = keyPairFromSeed(new Uint8Array(hashBytes).fill(index + 1)).nodeId;
      const transport = this.#network.transport(nodeId);
      const store = new ChainStore(chains.map((lengths) => lengths[index]));
      return new CutSide(this, transport, store);
    };
    this.sides = [side(0), side(1)];
    const [dialler, other] = this.sides;
    for (const one of this.sides) one.mesh.members = [dialler.transport.nodeId, other.transport.nodeId];
    void other.acceptAll();
  }

  /** Connects the two. Where the store is on their list by then, the dialler syncs it by itself. */
  async connect(): Promise<PeerLink> {
    const [dialler, other] = this.sides;
    const { signal } = new AbortController();
    const connection = await this.time.run(dialler.transport.connect(other.transport.address(), signal));
    const link = dialler.adopt(connection);
    await this.time.advance(200);
    return link;
  }

  /** The mesh has the store from now on. */
  listStore(): void {
    for (const { mesh } of this.sides) mesh.hasStore = true;
  }

  /** A connection that breaks when as many bytes were read as may be. */
  cut(connection: Connection): Connection {
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

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { transport } of this.sides) await transport[Symbol.asyncDispose]();
    await this.time.advance(100);
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
        this.#network.disconnect(one.transport.nodeId, other.transport.nodeId);
        return arrived.length > 0 ? arrived : stream.read();
      },
    };
  }
}

class CutSide {
  readonly mesh: CutMesh;
  readonly room = new InboundRoom();
  /** Why its links have ended, in order. */
  readonly ended: CloseReason[] = [];
  /** What it found broken in what the other said. */
  readonly offences: string[] = [];
  readonly #random: SeededRandom;

  constructor(
    private readonly rig: CutRig,
    readonly transport: ReturnType<MemoryNetwork['transport']>,
    readonly store: ChainStore,
  ) {
    this.mesh = new CutMesh(store);
    this.#random = new SeededRandom(transport.nodeId[0] ?? 0);
  }

  async acceptAll(): Promise<void> {
    for (let next = await this.transport.accept(); next; next = await this.transport.accept())
      this.adopt(next);
  }

  adopt(connection: Connection): PeerLink {
    const { rig, transport, mesh, room } = this;
    const link = new PeerLink({
      connection: rig.cut(connection),
      host: hostOf(transport.nodeId, mesh, room),
      clock: rig.time,
      timers: rig.time,
      random: this.#random,
      logger: silentLogger,
      onChange: () => undefined,
      onHoldings: () => undefined,
      onOffence: (reason) => this.offences.push(reason),
    });
    void link.run().then((reason) => this.ended.push(reason));
    return link;
  }
}

/** A mesh of which nothing is to be told, with one store. */
class CutMesh implements LinkMesh {
  readonly id = parseStoreId(new Uint8Array(hashBytes).fill(1));
  readonly meshStore = new ChainStore([], this.id);
  readonly strangers = strangerAllowance(new VirtualTime());
  members: readonly Uint8Array[] = [];
  hasStore = false;

  constructor(private readonly store: LinkStore) {}

  isMember(node: Uint8Array): boolean {
    return this.members.some((member) => compareBytes(member, node) === 0);
  }

  stores(): readonly LinkStore[] {
    return this.hasStore ? [this.store] : [];
  }

  hasDeleted(): boolean {
    return false;
  }

  async join(): Promise<wire.JoinRefusal> {
    return wire.JoinRefusal.UNKNOWN;
  }

  addresses(): [] {
    return [];
  }

  learn(): void {
    return undefined;
  }
}

/** A store of chains that have nothing in them but their lengths. What it has taken is durable at once. */
class ChainStore implements LinkStore {
  /** How many entries it was sent. */
  offered = 0;
  readonly #lengths: number[];

  constructor(
    lengths: readonly number[],
    readonly id: StoreId = parseStoreId(new Uint8Array(hashBytes).fill(2)),
  ) {
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
