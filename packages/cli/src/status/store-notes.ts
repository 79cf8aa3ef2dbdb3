import { counted, durationText } from '@lattice/model';
import { areAll } from '../commands/store-waiting.js';
import { shortId } from '../output/columns.js';
import { named, quoted } from '../output/printable.js';
import { clipped } from '../output/wrapped.js';
import type { MeshReport, StoreReport } from './report.js';

/** How many notes are shown, and of one kind in one store. */
const notesMax = 6;
const ofKindMax = 2;

/** What in the stores of a mesh waits, and for what; what is held, and by whose clock; who has two histories; and what is in conflict. */
export function storeNotes(mesh: MeshReport): readonly string[] {
  const nameOf = (nodeId: string) => authorText(nodeId, mesh);
  const notes = mesh.stores.flatMap((store) => [
    ...missingNotes(store, nameOf),
    ...heldNotes(store, nameOf),
    ...forkNotes(store, nameOf),
    ...conflictNotes(store),
  ]);
  const more = notes.length - notesMax;
  return more > 0 ? [...notes.slice(0, notesMax), `and ${more} more: \`store status\``] : notes;
}

type NameOf = (nodeId: string) => string;

function missingNotes({ name, missing, pending }: StoreReport, nameOf: NameOf): string[] {
  const isAll = areAll(missing, pending);
  return missing.slice(0, ofKindMax).map(({ author, seq, waiting, sender }) => {
    const from = sender === '' ? 'this disk, which is damaged' : nameOf(sender);
    const atLeast = sender === '' && !isAll ? 'at least ' : '';
    return `${storeText(name)}: ${atLeast}${counted(waiting, 'entry', 'entries')} from ${from} ${waiting === 1 ? 'waits' : 'wait'} for entry ${seq} of ${nameOf(author)}`;
  });
}

function heldNotes({ name, heldAuthors }: StoreReport, nameOf: NameOf): string[] {
  return heldAuthors
    .slice(0, ofKindMax)
    .map(
      ({ author, entries, aheadMs }) =>
        `${storeText(name)}: ${counted(entries, 'entry', 'entries')} of ${nameOf(author)} ${entries === 1 ? 'is' : 'are'} held: dated ${durationText(aheadMs)} ahead of this clock`,
    );
}

function forkNotes({ name, forks }: StoreReport, nameOf: NameOf): string[] {
  return forks
    .slice(0, ofKindMax)
    .map(
      ({ author, branches }) => `${storeText(name)}: ${nameOf(author)} has ${branches} histories (a fork)`,
    );
}

function conflictNotes({ name, storeId, current, conflicts }: StoreReport): string[] {
  if (conflicts === 0) return [];
  const which = current ? '' : ` --store ${name === '' ? shortId(storeId) : quoted(name)}`;
  return [`${storeText(name)}: ${counted(conflicts, 'key')} in conflict: \`list --conflicts${which}\``];
}

function storeText(name: string): string {
  return named(clipped(name, 24));
}

function authorText(nodeId: string, { peers }: MeshReport): string {
  const peer = peers.find((one) => one.nodeId === nodeId);
  if (peer?.self) return 'this node';
  return peer === undefined || peer.name === '' ? shortId(nodeId) : named(clipped(peer.name, 16));
}
