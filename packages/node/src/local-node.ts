import { keyPairFromSeed } from '@lattice/crypto';
import { HybridClock, loggedUpTo, storeIdOf } from '@lattice/kernel';
import {
  genesisRandomBytes,
  LatticeError,
  type MeshGenesis,
  type NodeId,
  storeUuid,
  toHex,
} from '@lattice/model';
import { checkName, type Token } from '@lattice/meshstore';
import { encodeGenesis } from '@lattice/proto';
import { withAnyOf } from './any-signal.js';
import { namedReplicas, repairClocks, restartClock } from './clock-repairs.js';
import type { NodeContext } from './context.js';
import { CopyNotice } from './copy-notice.js';
import { noteDamaged } from './damaged-copies.js';
import { Departures } from './departures.js';
import { Events } from './events.js';
import { findByName } from './find-by-name.js';
import { genesisOf, isEmpty, storesOf } from './found-store.js';
import { nodeClosed } from './failures.js';
import { joinThroughAny, meetMembers, readToken } from './joining.js';
import { LocalMesh } from './local-mesh.js';
import { openStorage } from './local-store.js';
import { NodeClock } from './node-clock.js';
import { nodeWarnings } from './node-warnings.js';
import { PeerManager } from './peer-manager.js';
import { NodeName } from './node-name.js';
import type { NodeOptions } from './node-options.js';
import type {
  BackupReport,
  ClockRepairedStore,
  LeaveReport,
  Mesh,
  Node,
  NodeEvent,
  NodeStatus,
  RotateReport,
  Store,
} from './public.js';
import { forgetFormerKey, rotateIdentity } from './rotation.js';
import { Selection } from './selection.js';

type LeaveOptions = NonNullable<Parameters<Node['leaveMesh']>[1]>;
type JoinOptions = NonNullable<Parameters<Node['joinMesh']>[1]>;

/** Opens a node over the ports given. For one on disk and over Iroh, see `openNodeOnDisk`. */
export async function openNode(options: NodeOptions): Promise<Node> {
  return LocalNode.open(options);
}

class LocalNode implements Node {
  readonly id: NodeId;
  readonly #options: NodeOptions;
  readonly #context: NodeContext;
  readonly #peers: PeerManager;
  readonly #selection: Selection;
  readonly #departures: Departures;
  readonly #name: NodeName;
  readonly #copy: CopyNotice;
  readonly #meshes = new Map<string, LocalMesh>();
  /** The last attempt to join or leave each mesh, while it is under way; never rejects. */
  readonly #turns = new Map<string, Promise<void>>();
  /** Meshes that are being opened: closing waits for them. */
  readonly #opening = new Set<Promise<void>>();
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  static async open(options: NodeOptions): Promise<LocalNode> {
    const { storage, timers, random, logger } = options;
    const clock = new NodeClock(options.clock, timers);
    const key = keyPairFromSeed(await storage.identitySeed(() => random.bytes(32)));
    forgetFormerKey(storage.meta, key.nodeId);
    const events = new Events(logger);
    const copy = await CopyNotice.look(storage, key.nodeId, logger);
    const node = new LocalNode(options, copy, {
      key,
      storage,
      clock,
      hlc: new HybridClock(clock),
      timers,
      random,
      logger,
      events,
      ...(options.checkpointPolicy && { checkpointPolicy: options.checkpointPolicy }),
    });
    try {
      await node.#openMeshes();
      return node;
    } catch (error) {
      await node[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: NodeOptions, copy: CopyNotice, context: NodeContext) {
    this.id = context.key.nodeId;
    this.#options = options;
    this.#copy = copy;
    this.#context = context;
    this.#selection = new Selection(context.storage.meta);
    this.#departures = new Departures(context.storage.meta);
    this.#name = new NodeName(context.storage.meta, options.name);
    this.#peers = new PeerManager({
      context,
      software: `lattice ${options.version}`,
      meshes: () => [...this.#meshes.values()],
      openTransport: () => options.openTransport(context.key.seed),
      ...(options.openDiscovery && { openDiscovery: options.openDiscovery }),
    });
  }

  status(): NodeStatus {
    const own = this.#peers.ownAddress();
    return {
      nodeId: this.id,
      name: this.#name.get() ?? '',
      addresses: own?.direct ?? [],
      relay: own?.relay ?? this.#options.relay ?? 'off',
      dataDir: this.#context.storage.location,
      version: this.#options.version,
      warnings: [
        ...this.#copy.warnings,
        ...nodeWarnings(this.#context, this.#peers, [...this.#meshes.values()]),
      ],
    };
  }

  startNetwork(): Promise<void> {
    this.#copy.tellOnce(this.#context.events);
    return this.#peers.start();
  }

  async setName(name: string): Promise<number> {
    this.#requireOpen();
    this.#name.set(checkName(name));
    const joined = [...this.#meshes.values()].filter((mesh) => mesh.isJoined);
    await Promise.all(joined.map((mesh) => mesh.nameNode(name)));
    return joined.length;
  }

  async keepIdentity(): Promise<boolean> {
    this.#requireOpen();
    return this.#copy.dismiss();
  }

  async rotate({ name }: { readonly name?: string } = {}): Promise<RotateReport> {
    this.#requireOpen();
    if (name !== undefined) this.#name.set(checkName(name));
    const meshes = [...this.#meshes.values()];
    const report = await rotateIdentity(this.#context, meshes, this.#name.get() ?? '');
    await this[Symbol.asyncDispose]();
    return report;
  }

  async repairClock(): Promise<readonly ClockRepairedStore[]> {
    this.#requireOpen();
    restartClock(this.#context);
    const repaired = await repairClocks([...this.#meshes.values()].flatMap(namedReplicas));
    this.#requireOpen();
    return repaired;
  }

  async createMesh({ name }: { readonly name?: string } = {}): Promise<Mesh> {
    this.#requireOpen();
    if (name) checkName(name);
    const random = this.#context.random.bytes(genesisRandomBytes);
    const mesh = await this.#openMesh({ kind: 'mesh', creator: this.id, random });
    const first = await mesh.found(name, this.#name.get());
    this.select(mesh, first);
    return mesh;
  }

  async joinMesh(text: string, options: JoinOptions = {}): Promise<Mesh> {
    this.#requireOpen();
    const token = readToken(text, this.#context.clock.nowMs());
    return this.#inTurn(storeUuid(token.mesh), () => this.#join(token, options));
  }

  async leaveMesh(mesh: Mesh, { force = false, signal }: LeaveOptions = {}): Promise<LeaveReport> {
    this.#requireOpen();
    return this.#inTurn(mesh.uuid, async () => {
      const local = this.#meshes.get(mesh.uuid);
      if (local) return this.#leave(local, force, signal);
      throw new LatticeError('mesh-not-found', 'This node is not in that mesh: see "mesh list".');
    });
  }

  meshes(): readonly Mesh[] {
    return [...this.#meshes.values()];
  }

  mesh(idOrName: string): Mesh {
    return findByName(this.meshes(), idOrName, {
      what: 'mesh',
      id: (mesh) => mesh.uuid,
      name: (mesh) => mesh.name,
      hint: 'see "mesh list" for those that there are',
    });
  }

  selection(): { readonly mesh?: Mesh; readonly store?: Store } {
    this.#requireOpen();
    const ids = this.#selection.ids;
    const only = this.#meshes.size === 1 ? [...this.#meshes.values()][0] : undefined;
    const mesh = (ids.mesh ? this.#meshes.get(ids.mesh) : undefined) ?? only;
    if (!mesh) return {};
    const store = mesh.stores().find(({ uuid }) => uuid === ids.store) ?? mesh.stores()[0];
    return store ? { mesh, store } : { mesh };
  }

  select(mesh: Mesh, store?: Store): void {
    this.#requireOpen();
    this.#selection.select(mesh.uuid, store?.uuid);
  }

  async backup(target: string, options: Parameters<Node['backup']>[1] = {}): Promise<BackupReport> {
    this.#requireOpen();
    const { storage, clock } = this.#context;
    const whose = { nodeId: toHex(this.id), createdMs: clock.nowMs() };
    const { damaged, ...made } = await this.#unlessClosed(options.signal, (signal) =>
      storage.backUp(target, { ...options, ...whose, signal }),
    );
    return { ...made, damaged: noteDamaged(damaged, [...this.#meshes.values()]) };
  }

  subscribe(listener: (event: NodeEvent) => void): () => void {
    return this.#context.events.subscribe(listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#peers[Symbol.asyncDispose]();
    await Promise.all([...this.#opening, ...this.#turns.values()]);
    for (const mesh of this.#meshes.values()) await mesh[Symbol.asyncDispose]();
    await this.#context.storage[Symbol.asyncDispose]();
  }

  async #join(token: Token, options: JoinOptions): Promise<Mesh> {
    this.#departures.requireNotLeft(storeUuid(token.mesh));
    return this.#unlessClosed(options.signal, (signal) => this.#joinUnless(signal, token, options.name));
  }

  async #leave(mesh: LocalMesh, force: boolean, signal: AbortSignal | undefined): Promise<LeaveReport> {
    const onDecided = () => this.#departures.begin(mesh.uuid);
    try {
      const report = await this.#unlessClosed(signal, (one) => mesh.leave({ force, signal: one, onDecided }));
      this.#meshes.delete(mesh.uuid);
      this.#peers.forget(mesh.id);
      await this.#remove(mesh);
      return report;
    } catch (error) {
      if (mesh.isJoined) this.#departures.cancel(mesh.uuid);
      throw error;
    }
  }

  /** Of a mesh that was left, all that is here. */
  async #remove(mesh: LocalMesh): Promise<void> {
    if (this.#selection.ids.mesh === mesh.uuid) this.#selection.clear();
    await mesh.remove();
    if (this.#departures.isUnderWay(mesh.uuid)) this.#departures.finish(mesh.uuid);
    this.#context.logger.log('info', 'left a mesh, and removed what was here of it', { mesh: mesh.uuid });
  }

  /** The signal given to the work fires with the one given, or when the node is closed; then it fails as a closed node. */
  async #unlessClosed<T>(
    given: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await withAnyOf([this.#closed.signal, ...(given ? [given] : [])], work);
    } catch (error) {
      this.#requireOpen();
      throw error;
    }
  }

  /** One after the other for each mesh, so that whoever joins twice at once joins once. */
  #inTurn<T>(mesh: string, work: () => Promise<T>): Promise<T> {
    const done = (this.#turns.get(mesh) ?? Promise.resolve()).then(work);
    const over = settled(done);
    this.#turns.set(mesh, over);
    void over.then(() => this.#turns.get(mesh) === over && this.#turns.delete(mesh));
    return done;
  }

  async #joinUnless(signal: AbortSignal, token: Token, name: string | undefined): Promise<Mesh> {
    const known = this.#meshes.get(storeUuid(token.mesh));
    if (known?.isJoined) {
      await meetMembers(known, { token, peers: this.#peers, signal });
      return known;
    }
    await this.#peers.start();
    const asName = name ?? this.#name.get() ?? '';
    const mesh = await joinThroughAny({
      token,
      name: asName,
      context: this.#context,
      peers: this.#peers,
      open: async (genesis) => this.#meshes.get(storeUuid(token.mesh)) ?? this.#openMesh(genesis),
      signal,
    });
    this.select(mesh, mesh.stores()[0]);
    return mesh;
  }

  /** Opens every mesh whose store is on disk; other stores are opened by their meshes. */
  async #openMeshes(): Promise<void> {
    const { storage, logger } = this.#context;
    const unopened: { readonly uuid: string; readonly mesh: string }[] = [];
    for (const uuid of await storage.stores()) {
      if (this.#hasOpen(uuid)) continue;
      const genesis = await genesisOf(storage, uuid);
      if (!genesis) continue;
      if (genesis.kind !== 'mesh') {
        // Its mesh opens it: what is found amiss with a store is told to whoever opens it first.
        unopened.push({ uuid, mesh: storeUuid(genesis.mesh) });
        continue;
      }
      const opened = await storage.openStore(uuid, loggedUpTo);
      if (isEmpty(opened.log)) {
        await opened[Symbol.asyncDispose]();
        await this.#passOver(uuid);
        continue;
      }
      const mesh = await LocalMesh.open(this.#context, this.#peers, genesis, opened);
      if (this.#departures.isUnderWay(uuid) && !mesh.isJoined) {
        logger.log('warn', untold, { mesh: uuid, name: mesh.name });
        await this.#remove(mesh).catch((error: unknown) =>
          logger.log('error', 'a mesh that was left could not be removed', { reason: String(error) }),
        );
        continue;
      }
      // Cut off before the decision was written down: it was never made.
      if (this.#departures.isUnderWay(uuid)) this.#departures.cancel(uuid);
      this.#meshes.set(uuid, mesh);
    }
    for (const { uuid, mesh } of unopened) await this.#meshes.get(mesh)?.takeStray(uuid);
  }

  /** A mesh whose log is empty. */
  async #passOver(uuid: string): Promise<void> {
    const { storage, logger } = this.#context;
    if ((await storesOf(storage, uuid)).length > 0) return logger.log('error', lostItsLog, { mesh: uuid });
    // Cut off while it was made, or joined before anything arrived: the token is still good for another attempt.
    await storage.deleteStore(uuid);
    logger.log('info', 'removed a mesh that was never made or joined', { mesh: uuid });
  }

  #openMesh(genesis: MeshGenesis): Promise<LocalMesh> {
    const opening = this.#openNow(genesis);
    const over = settled(opening);
    this.#opening.add(over);
    void over.then(() => this.#opening.delete(over));
    return opening;
  }

  async #openNow(genesis: MeshGenesis): Promise<LocalMesh> {
    const id = storeIdOf(genesis);
    const storage = await openStorage(this.#context.storage, id, encodeGenesis(genesis));
    const mesh = await LocalMesh.open(this.#context, this.#peers, genesis, storage);
    this.#meshes.set(mesh.uuid, mesh);
    return mesh;
  }

  /** Whether that store was opened with its mesh. */
  #hasOpen(uuid: string): boolean {
    return [...this.#meshes.values()].some((mesh) => mesh.stores().some((store) => store.uuid === uuid));
  }

  #requireOpen(): void {
    if (this.#closed.signal.aborted) throw nodeClosed();
  }
}

/** Resolves when the work is over, well or not. */
function settled(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => undefined,
    () => undefined,
  );
}

const lostItsLog =
  'the log of a mesh is empty, and stores of it are here: the disk has lost it. A member brings it back (there: `mesh invite`, here: `mesh join <token>`), or a backup';
const untold =
  'leaving a mesh was cut off, perhaps before anybody heard of it: where the others still list this node, one of them has to revoke it';
