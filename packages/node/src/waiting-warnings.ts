import { counted, durationText, type NodeId, toHex } from '@lattice/model';
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
    return `${counted(held, 'entry builds', 'entries build')} on what is dated in the future, held until that time: check this machine's clock.`;
  const count = authors.reduce((sum, { entries }) => sum + entries, 0);
  const [areDated, theyWait] =
    count === 1 ? ['is dated', 'It waits here until its'] : ['are dated', 'They wait here until their'];
  const ahead = durationText(Math.max(...authors.map(({ aheadMs }) => aheadMs)));
  const names = authors.map(({ author }) => memberText(author, nameOf)).join(', ');
  const whose =
    others.length === 0
      ? `the clock of ${names} is probably ahead: set it (or this machine's, if that is behind)`
      : "this machine's clock is probably behind: set it";
  return `${counted(count, 'entry', 'entries')} by ${names} ${areDated} in the future, by up to ${ahead}: ${whose}. ${theyWait} time comes.`;
}

function missingWarning(missing: readonly MissingEntry[], nameOf: NameOf): string {
  const [first, ...others] = missing;
  if (!first) return '';
  const waiting = missing.reduce((sum, one) => sum + one.waiting, 0);
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  const sender = first.sender ? ` from ${memberText(first.sender, nameOf)}` : '';
  const what = `entry ${first.seq} of ${memberText(first.author, nameOf)}${more}`;
  const wait = waiting === 1 ? 'waits' : 'wait';
  return `${counted(waiting, 'entry', 'entries')}${sender} ${wait} for ${what}, not here yet: \`store sync\` brings it when a member that has it can be reached.`;
}

function memberText(node: NodeId, nameOf: NameOf): string {
  const name = nameOf(node);
  return name === '' ? toHex(node).slice(0, 8) : `"${name}"`;
}
