import type { HeadsResponse, LatticeClient, MessageInitShape, PutRequestSchema } from '@lattice/api';
import { LatticeError } from '@lattice/model';
import { shortId } from '../output/columns.js';
import { quoted } from '../output/printable.js';
import { usageError } from '../usage-error.js';

type IfHeads = MessageInitShape<typeof PutRequestSchema>['ifHeads'];

export interface ConditionOptions {
  readonly 'if-absent': true | undefined;
  readonly 'if-heads': string | undefined;
}

/**
 * The heads that a put is to find, by what was asked for on the command line. What they are is looked at here; that they
 * still are when it is written is what the node sees to. Throws `condition-failed` where they are others already.
 */
export async function putCondition(
  options: ConditionOptions,
  request: Parameters<LatticeClient['heads']>[0],
  client: Pick<LatticeClient, 'heads'>,
): Promise<IfHeads> {
  const named = options['if-heads'];
  const mustBeAbsent = options['if-absent'] !== undefined;
  if (named === undefined && !mustBeAbsent) return undefined;
  if (named !== undefined && mustBeAbsent)
    throw usageError('--if-absent and --if-heads ask for different things: give one of them.');
  const wanted = named === undefined ? [] : headNamesOf(named);
  const heads: HeadsResponse[] = [];
  for await (const head of client.heads(request)) heads.push(head);
  const isAsWanted = mustBeAbsent
    ? heads.every(({ value }) => value === undefined)
    : wanted.length === heads.length && heads.every((head) => wanted.some((name) => isNamed(head, name)));
  if (!isAsWanted) throw otherHeads(heads);
  return { heads: heads.map(({ entry, op }) => ({ entry, op })) };
}

interface HeadName {
  /** The first digits. */
  readonly entry: string;
  readonly op: number | undefined;
}

function headNamesOf(typed: string): readonly HeadName[] {
  return typed.split(',').map((word) => {
    const [, entry, op] = /^([0-9a-f]{4,64})(?::([0-9]{1,10}))?$/.exec(word.trim().toLowerCase()) ?? [];
    if (entry === undefined)
      throw usageError(
        `--if-heads has ${quoted(word)}: give entries as \`get --all\` shows them, with commas between them, such as 3f9c01d2.`,
      );
    return { entry, op: op === undefined ? undefined : Number(op) };
  });
}

function isNamed(head: HeadsResponse, { entry, op }: HeadName): boolean {
  return head.entry.startsWith(entry) && (op === undefined || op === head.op);
}

function otherHeads(heads: readonly HeadsResponse[]): LatticeError {
  const now =
    heads.length === 0
      ? 'it was never written'
      : `it has ${heads
          .slice(0, 8)
          .map(({ entry, value }) => shortId(entry) + (value === undefined ? ' (deleted)' : ''))
          .join(', ')}`;
  return new LatticeError(
    'condition-failed',
    `The key is not as --if-absent or --if-heads expects it: ${now}. See get --all.`,
  );
}
