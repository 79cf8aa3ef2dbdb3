import type { Replica } from '@lattice/kernel';
import { LatticeError, toHex } from '@lattice/model';
import type { LogStretch } from '@lattice/storage';
import type { NodeContext } from './context.js';
import type { LocalMesh } from './local-mesh.js';
import type { PeerManager } from './peer-manager.js';

/** So many are told one by one. */
const toldMax = 3;

/** What of a store's log is damaged, and what becomes of it. `isHeldUp`: nothing is written here until then. */
export function holeWarnings(holes: Iterable<LogStretch>, isHeldUp: boolean): readonly string[] {
  const all = [...holes];
  if (all.length === 0 && !isHeldUp) return [];
  const what =
    all.length === 0
      ? 'Part of the log was damaged on disk'
      : `The log is damaged on disk (${placesText(all)})`;
  const until = isHeldUp
    ? ' This node writes nothing there until then. Where no member has it: `store rebuild --accept-loss`.'
    : '';
  return [
    `${what}: what was there comes from a member that has it, by itself or with \`store sync\`.${until} Look after the disk, too.`,
  ];
}

/**
 * Has holes in the logs of a mesh's stores mended as soon as a connected member is found to keep just what is here: what was
 * lost in them has come back then, or that member has not got it either.
 */
export class HoleMending {
  readonly #mending = new Set<Replica>();

  constructor(
    private readonly context: NodeContext,
    private readonly peers: PeerManager,
  ) {}

  /** To be called when what members hold, or what is here, may have changed. Cheap where there are no holes. */
  review(mesh: LocalMesh): void {
    for (const replica of mesh.replicas())
      if (replica.hasHoles && this.#isAgreedOn(mesh, replica)) void this.#mend(mesh, replica);
  }

  #isAgreedOn(mesh: LocalMesh, replica: Replica): boolean {
    const digest = toHex(replica.digest());
    return this.peers
      .linksSharing(mesh.id)
      .some(({ peer }) => this.peers.heldBy(peer, replica.id)?.digest === digest);
  }

  async #mend(mesh: LocalMesh, replica: Replica): Promise<void> {
    if (this.#mending.has(replica)) return;
    this.#mending.add(replica);
    try {
      const mended = await replica.mend();
      if (mended.length > 0) this.#tell('info', `${mendedText(mended)} of ${nameOf(mesh, replica)}.`);
    } catch (error) {
      // A store that is closed meanwhile has it mended next time.
      if (error instanceof LatticeError && error.code === 'store-closed') return;
      const reason = error instanceof Error ? error.message : String(error);
      this.#tell('warn', `The log of ${nameOf(mesh, replica)} could not be mended. ${reason}`);
    } finally {
      this.#mending.delete(replica);
    }
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
