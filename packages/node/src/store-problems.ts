import type { StoreProblem as KernelProblem } from '@lattice/kernel';
import { counted, type Genesis, toHex, unreachable } from '@lattice/model';
import type { StoreProblem } from './public-care.js';

/** What a check found, in words, each with what to do. */
export function problemInWords(problem: KernelProblem, kind: Genesis['kind']): StoreProblem {
  return { kind: problem.kind, where: whereOf(problem), message: messageOf(problem, kind) };
}

/** `kind`: of a store, or of the mesh's own. */
function fetchAgain(kind: Genesis['kind']): string {
  return (
    `when a member that has it is online (see \`status\`), run \`${kind} rebuild\`, and then \`store sync\`. Not before: the ` +
    'state may still hold what the log has lost, and a new one does not. (If `status` tells of it already, only the sync is left ' +
    `to do.) ${otherwise(kind)}`
  );
}

function comesBack(kind: Genesis['kind']): string {
  return `it comes back by itself from a member that has it and is connected; \`${kind === 'mesh' ? 'status' : 'store status'}\` tells of it until then. ${otherwise(kind)}`;
}

function otherwise(kind: Genesis['kind']): string {
  return `Where no member has it: \`restore\` a backup, or see \`help ${kind} rebuild\` for --accept-loss. Look after the disk, too.`;
}

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

function messageOf(problem: KernelProblem, kind: Genesis['kind']): string {
  switch (problem.kind) {
    case 'log-damaged':
      return `A record of the log is damaged on disk: ${comesBack(kind)}`;
    case 'record-malformed':
      return `A record of the log is no bundle (${problem.reason}): ${fetchAgain(kind)}`;
    case 'signature-wrong':
      return `A record of the log does not have the signature of its author ${toHex(problem.author).slice(0, 8)}: it was changed on this disk, for nothing unsigned is let in; ${fetchAgain(kind)}`;
    case 'record-of-another-store':
      return `A record of the log is of another store: files were mixed up on this disk; ${fetchAgain(kind)}`;
    case 'ancestor-missing':
      return `The log has what goes on from this one (${problem.isAll ? '' : 'at least '}${counted(problem.waiting, 'entry', 'entries')}), and not the entry itself: ${comesBack(kind)}`;
    case 'index-differs':
      return `The index ${differenceText(problem)}: run \`${kind} rebuild\`.`;
    case 'state-differs':
      return `The state ${differenceText(problem)}: run \`${kind} rebuild\`.`;
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
