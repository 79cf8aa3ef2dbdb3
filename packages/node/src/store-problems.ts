import type { StoreProblem as KernelProblem } from '@lattice/kernel';
import { counted, toHex, unreachable } from '@lattice/model';
import type { StoreProblem } from './public-care.js';

/** What a check found, in words, each with what to do. */
export function problemInWords(problem: KernelProblem): StoreProblem {
  return { kind: problem.kind, where: whereOf(problem), message: messageOf(problem) };
}

const fetchAgain =
  'when a member that has it is online (see `status`), run `store rebuild`, and then `store sync`. Not before: the state may ' +
  'still hold what the log has lost, and a new one does not. (If `status` tells of it already, only the sync is left to do.) ' +
  'Where no member has it: `restore` a backup, or see `help store rebuild` for --accept-loss. Look after the disk, too.';

const comesBack =
  'it comes back by itself from a member that has it and is connected; `store status` tells of it until then. ' +
  'Where no member has it: `restore` a backup, or see `help store rebuild` for --accept-loss. Look after the disk, too.';

function whereOf(problem: KernelProblem): string {
  switch (problem.kind) {
    case 'log-damaged':
    case 'record-malformed':
    case 'signature-wrong':
    case 'record-of-another-store':
      return `log offset ${problem.offset}`;
    case 'ancestor-missing': {
      const { author, seq, hash } = problem.entry;
      return `entry ${toHex(hash)} (${seq} of ${toHex(author)})`;
    }
    case 'index-differs':
    case 'state-differs':
      return `${problem.difference.table} ${toHex(problem.difference.key)}`;
    default:
      return unreachable(problem);
  }
}

function messageOf(problem: KernelProblem): string {
  switch (problem.kind) {
    case 'log-damaged':
      return `A record of the log is damaged on disk: ${comesBack}`;
    case 'record-malformed':
      return `A record of the log is no bundle (${problem.reason}): ${fetchAgain}`;
    case 'signature-wrong':
      return `A record of the log does not have the signature of its author ${toHex(problem.author).slice(0, 8)}: it was changed on this disk, for nothing unsigned is let in; ${fetchAgain}`;
    case 'record-of-another-store':
      return `A record of the log is of another store: files were mixed up on this disk; ${fetchAgain}`;
    case 'ancestor-missing':
      return `The log has what goes on from this one (${problem.isAll ? '' : 'at least '}${counted(problem.waiting, 'entry', 'entries')}), and not the entry itself: ${comesBack}`;
    case 'index-differs':
      return `The index ${differenceText(problem)}: run \`store rebuild\`.`;
    case 'state-differs':
      return `The state ${differenceText(problem)}: run \`store rebuild\`.`;
    default:
      return unreachable(problem);
  }
}

function differenceText({ difference }: Extract<KernelProblem, { readonly difference: object }>): string {
  if (!difference.found) return 'lacks a key that the log makes';
  return difference.wanted
    ? 'has another value here than the log makes'
    : 'has a key that the log does not make';
}
