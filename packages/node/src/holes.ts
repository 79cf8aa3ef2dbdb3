import type { Replica } from '@lattice/kernel';
import {
  counted,
  equalBytes,
  type Genesis,
  LatticeError,
  messageOf,
  type NodeId,
  toHex,
} from '@lattice/model';
import type { LogStretch } from '@lattice/storage';
import type { NodeContext } from './context.js';
import type { PeerLink } from '@lattice/net';
import type { LocalMesh } from './local-mesh.js';
import { withoutWhatIsLost } from './lost-link-store.js';
import type { PeerManager } from './peer-manager.js';

/** So many are told one by one. */
const toldMax = 3;

export interface HoleWarningOptions {
  /** Nothing is written here until then. */
  readonly isHeldUp: boolean;
  /** Of a store, or of the mesh's own. */
  readonly kind: Genesis['kind'];
}

/** What of a store's log is damaged, and what becomes of it. */
export function holeWarnings(
  holes: Iterable<LogStretch>,
  { isHeldUp, kind }: HoleWarningOptions,
): readonly string[] {
  const all = [...holes];
  if (all.length === 0 && !isHeldUp) return [];
  const what =
    all.length === 0
      ? 'Part of the log was damaged on disk'
      : `The log is damaged on disk (${placesText(all)})`;
  const until = isHeldUp
    ? ` This node writes nothing there until then. Where no member has it: \`${kind} rebuild --accept-loss\`.`
    : ` What goes on from it reaches nobody else until then; where no member has it, see \`help ${kind} rebuild\`.`;
  return [
    `${what}: what was there comes from a member that has it, by itself or with \`store sync\`.${until} Look after the disk, too.`,
  ];
}

/** What failed is tried again, and who is away dialled, not all the time. */
const retryMs = 30_000;

/**
 * Has holes in the logs of a mesh's stores mended as soon as a connected member is found to keep just what is here: what was
 * lost in them has come back then, or that member has not got it either. What the state has all the same is asked for first.
 */
export class HoleMending {
  readonly #mending = new Set<Replica>();
  readonly #watched = new WeakSet<Replica>();
  /** When it failed last: monotonic milliseconds. */
  readonly #failedAt = new WeakMap<Replica, number>();
  /** When members who were not connected were last given some seconds to be: who could be reached then is connected since. */
  readonly #reachedAt = new WeakMap<LocalMesh, number>();

  constructor(
    private readonly context: NodeContext,
    private readonly peers: PeerManager,
  ) {}

  /** To be called when what members hold, or what is here, may have changed. Cheap where there are no holes. */
  review(mesh: LocalMesh): void {
    for (const replica of mesh.replicas()) {
      this.#watch(mesh, replica);
      const link = replica.hasHoles ? this.#agreedOnWith(mesh, replica) : undefined;
      if (link) void this.#mend(mesh, replica, link);
    }
  }

  /** Damage may be found at any time. */
  #watch(mesh: LocalMesh, replica: Replica): void {
    if (this.#watched.has(replica)) return;
    this.#watched.add(replica);
    replica.damage.onFound(() => {
      const [warning = ''] = holeWarnings(replica.holes(), { isHeldUp: false, kind: replica.genesis.kind });
      this.#tell('warn', `In the log of ${nameOf(mesh, replica)}: ${warning}`);
      this.review(mesh);
    });
  }

  #agreedOnWith(mesh: LocalMesh, replica: Replica): PeerLink | undefined {
    return this.peers.linksSharing(mesh.id).find(({ peer }) => this.#keepsTheSame(peer, replica));
  }

  async #mend(mesh: LocalMesh, replica: Replica, link: PeerLink): Promise<void> {
    const failedAt = this.#failedAt.get(replica) ?? -retryMs;
    if (this.#mending.has(replica) || this.context.timers.monotonicMs() < failedAt + retryMs) return;
    this.#mending.add(replica);
    try {
      const covered = replica.damage.isCovered ? await this.#getBack(mesh, replica, link) : [];
      const mended = [...covered, ...((await this.#mayLetGo(mesh, replica)) ? await replica.mend() : [])];
      if (mended.length > 0) this.#tell('info', `${mendedText(mended)} of ${nameOf(mesh, replica)}.`);
    } catch (error) {
      // What is closed meanwhile has it mended next time.
      if (error instanceof LatticeError && ['store-closed', 'node-closed'].includes(error.code)) return;
      const reason = messageOf(error);
      this.#tell('warn', `The log of ${nameOf(mesh, replica)} could not be mended. ${reason}`);
      this.#failedAt.set(replica, this.context.timers.monotonicMs());
    } finally {
      this.#mending.delete(replica);
    }
  }

  /**
   * Where what this node wrote last may be lost, one that keeps just what is here is not enough: another one may have it, and to
   * write on without it would be to fork. So all that can be reached are to keep the same.
   */
  async #mayLetGo(mesh: LocalMesh, replica: Replica): Promise<boolean> {
    if (!replica.status().damaged) return true;
    const nowMs = this.context.timers.monotonicMs();
    const isDue = nowMs >= (this.#reachedAt.get(mesh) ?? -retryMs) + retryMs;
    if (isDue) this.#reachedAt.set(mesh, nowMs);
    const links = isDue ? await this.peers.reach(mesh, undefined) : this.peers.linksSharing(mesh.id);
    return links.every(({ peer }) => this.#keepsTheSame(peer, replica));
  }

  #keepsTheSame(peer: NodeId, replica: Replica): boolean {
    return this.peers.heldBy(peer, replica.id)?.digest === toHex(replica.digest());
  }

  /** Of what the state has and the log has lost. */
  async #getBack(mesh: LocalMesh, replica: Replica, link: PeerLink): Promise<readonly LogStretch[]> {
    const store = [mesh.link.meshStore, ...mesh.link.stores()].find(({ id }) => equalBytes(id, replica.id));
    const lost = await replica.damage.lost();
    if (store && lost) await link.sync(withoutWhatIsLost(store, lost));
    if (lost && lost.missing > 0) {
      const what = `Of what is damaged, ${counted(lost.missing, 'entry is', 'entries are')} still to come from a member.`;
      throw new LatticeError('log-damaged', what);
    }
    return replica.damage.putBack();
  }

  #tell(level: 'info' | 'warn', message: string): void {
    this.context.events.emit({ kind: 'warning', level, message });
  }
}

function mendedText(holes: readonly LogStretch[]): string {
  return `Mended the log (${placesText(holes)}, set aside beside it)`;
}

function placesText(holes: readonly LogStretch[]): string {
  const places = holes.slice(0, toldMax).map(({ offset, next }) => `${sizeText(offset, next)} at ${offset}`);
  const more = holes.length - places.length;
  return more > 0 ? `${places.join(', ')}, and ${more} more` : places.join(', ');
}

/** Segments lie far apart in the order of offsets: what reaches into the next one ends with its own. */
function sizeText(offset: number, next: number): string {
  const bytes = next - offset;
  return bytes < segmentSpan / 2 ? `${bytes.toLocaleString('en')} bytes` : 'the rest of a segment';
}

const segmentSpan = 2 ** 32;

function nameOf(mesh: LocalMesh, replica: Replica): string {
  const store = mesh.stores().find((one) => one.replica === replica);
  return store ? `the store "${store.name}"` : `the mesh "${mesh.name}" itself`;
}
