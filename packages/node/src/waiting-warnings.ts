import { durationText, type NodeId, toHex } from '@lattice/model';
import type { HeldAuthor, MissingEntry, StoreStatus } from './public.js';

/** What a member is called, in quotes; empty where it has no name. */
type NameOf = (node: NodeId) => string;

/** Why entries wait that are here already, and what brings them in. */
export function waitingWarnings(
  { held, heldAuthors, missing }: Pick<StoreStatus, 'held' | 'heldAuthors' | 'missing'>,
  nameOf: NameOf,
): readonly string[] {
  const fromPeers = missing.filter(({ sender }) => sender !== undefined);
  const wrong = heldAuthors.filter(({ isRepaired }) => !isRepaired);
  const isRepaired = heldAuthors.length > 0 && wrong.length === 0;
  return [
    ...(held + wrong.length > 0 && !isRepaired ? [heldWarning(held, wrong, nameOf)] : []),
    ...(fromPeers.length > 0 ? [missingWarning(fromPeers, nameOf)] : []),
  ];
}

/** One author's clock is more likely to be wrong than everybody else's; several authors' less so than this one's. */
function heldWarning(held: number, authors: readonly HeldAuthor[], nameOf: NameOf): string {
  const [first, ...others] = authors;
  if (!first)
    return `${entriesText(held)} build on what is dated in the future, and wait for that time: check this machine's clock.`;
  const count = authors.reduce((sum, { entries }) => sum + entries, 0);
  const ahead = durationText(Math.max(...authors.map(({ aheadMs }) => aheadMs)));
  const names = authors.map(({ author }) => memberText(author, nameOf)).join(', ');
  const whose =
    others.length === 0
      ? `the clock of ${names} is probably ahead: set it (or this machine's, if that is behind)`
      : "this machine's clock is probably behind: set it";
  return `${entriesText(count)} by ${names} ${isOrAre(count)} dated in the future, by up to ${ahead}: ${whose}. They wait here until their time comes.`;
}

function missingWarning(missing: readonly MissingEntry[], nameOf: NameOf): string {
  const [first, ...others] = missing;
  if (!first) return '';
  const waiting = missing.reduce((sum, one) => sum + one.waiting, 0);
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  const sender = first.sender ? ` from ${memberText(first.sender, nameOf)}` : '';
  const what = `entry ${first.seq} of ${memberText(first.author, nameOf)}${more}`;
  return `${entriesText(waiting)}${sender} wait for ${what}, not here yet: \`store sync\` brings it when a member that has it can be reached.`;
}

function entriesText(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'entry' : 'entries'}`;
}

function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function memberText(node: NodeId, nameOf: NameOf): string {
  const name = nameOf(node);
  return name === '' ? toHex(node).slice(0, 8) : `"${name}"`;
}
