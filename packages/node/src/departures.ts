import { LatticeError } from '@lattice/model';
import type { OrderedKv } from '@lattice/storage';
import { Notes } from './notes.js';

/**
 * Which meshes this node is leaving, so that a crash in the middle can be made up for, and which it has left: its key is of
 * no more use there, and it must not sign again where its own last entries are gone.
 */
export class Departures {
  readonly #notes: Notes;

  constructor(kv: OrderedKv) {
    this.#notes = new Notes(kv, 'departures');
  }

  /** Before the first step that cannot be taken back. By UUID, as everywhere here. */
  begin(mesh: string): void {
    this.#notes.put(mesh, leaving);
  }

  cancel(mesh: string): void {
    this.#notes.remove(mesh);
  }

  /** When nothing is here any more. */
  finish(mesh: string): void {
    this.#notes.put(mesh, left);
  }

  /** Which meshes were left, and with them that their keys are of no use: for a node that has another key since. */
  forgetLeft(): void {
    for (const [mesh, state] of [...this.#notes.all()]) if (state === left) this.#notes.remove(mesh);
  }

  isUnderWay(mesh: string): boolean {
    return this.#notes.get(mesh) === leaving;
  }

  /** Throws `mesh-left`. */
  requireNotLeft(mesh: string): void {
    if (this.#notes.get(mesh) === undefined) return;
    throw new LatticeError(
      'mesh-left',
      'This node has left that mesh, which is final for its identity: to join again, use another data directory, or `node rotate` for another identity.',
    );
  }
}

const leaving = 'leaving';
const left = 'left';
