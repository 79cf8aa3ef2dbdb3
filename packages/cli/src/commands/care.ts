import type { StoreCheckReport, StoreProblem, StoreRebuildReport, StoreWork } from '@lattice/api';
import { counted, LatticeError } from '@lattice/model';
import { exitStatuses } from '../exit-statuses.js';
import type { Output } from '../output/output.js';
import { harmless } from '../output/printable.js';
import { Progress, type Unit } from '../output/progress.js';
import type { CommandContext } from './command-context.js';
import { acceptedLossJson, acceptedLossText } from './store-waiting.js';

const entriesUnit: Unit = ['entry', 'entries'];
const keysUnit: Unit = ['key', 'keys'];

/** What is looked at: a store, or the mesh's own. */
export type CaredFor = 'store' | 'mesh';

export const checkJson =
  '{entries, bundles, signatures, compared, problemCount, problems: [{kind, where, message}], acceptedLosses: [{at, places, lost, givenUp}], ms}; at most 100 problems';

export const rebuildJson = '{entries, givenUp, reissued, ms}';

export const rebuildOptions = [
  { name: 'force', summary: 'Even where entries are missing from the log' },
  { name: 'accept-loss', summary: 'Go on without what was lost of the log, which no member has' },
] as const;

export async function runCheck(of: CaredFor, context: CommandContext): Promise<number> {
  const { node, output, signal, target, surroundings } = context;
  const client = await node();
  const beganMs = surroundings.monotonicMs();
  const events = client.storeCheck({ target, ofMesh: of === 'mesh' }, { signal });
  const report = await finished<StoreCheckReport>(events, context, 'compared');
  const { compared, problems } = report;
  const problemCount = Number(report.problemCount);
  await output.result({
    json: {
      entries: Number(report.entries),
      bundles: Number(report.bundles),
      signatures: Number(report.signatures),
      compared,
      problemCount,
      problems: problems.map(({ kind, where, message }) => ({ kind, where, message })),
      acceptedLosses: report.acceptedLosses.map(acceptedLossJson),
      ms: Math.round(surroundings.monotonicMs() - beganMs),
    },
    text: reportText(report, output),
  });
  return problemCount > 0 ? exitStatuses.refused : exitStatuses.done;
}

export async function runRebuild(
  of: CaredFor,
  options: { readonly force?: true | undefined; readonly 'accept-loss'?: true | undefined },
  context: CommandContext,
): Promise<void> {
  const { node, output, signal, target, surroundings } = context;
  const client = await node();
  const beganMs = surroundings.monotonicMs();
  const [force, acceptLoss] = [options.force === true, options['accept-loss'] === true];
  const events = client.storeRebuild({ target, force, acceptLoss, ofMesh: of === 'mesh' }, { signal });
  const { entries, givenUp, reissued } = await finished<StoreRebuildReport>(events, context, 'copied');
  const what = of === 'mesh' ? 'what the mesh says of members and stores' : 'the state';
  await output.result({
    json: {
      entries: Number(entries),
      givenUp: Number(givenUp),
      reissued: Number(reissued),
      ms: Math.round(surroundings.monotonicMs() - beganMs),
    },
    text: `Computed ${what} anew from ${counted(entries, ...entriesUnit)}.${reissuedText(reissued)}${givenUpText(givenUp)}`,
  });
}

type WorkEvent<Report> =
  | { readonly case: 'progress'; readonly value: StoreWork }
  | { readonly case: 'report'; readonly value: Report }
  | { readonly case: undefined; readonly value?: undefined };

/** Shows how far the work is until it has come to something. `verb`: what is done with keys once the log is read. */
async function finished<Report>(
  events: AsyncIterable<{ readonly event: WorkEvent<Report> }>,
  { output, surroundings }: CommandContext,
  verb: string,
): Promise<Report> {
  const progress = new Progress(output.stderr, surroundings.monotonicMs);
  try {
    for await (const { event } of events) {
      if (event.case === 'report') return event.value;
      if (event.case !== 'progress') continue;
      const { entries, keys } = event.value;
      if (keys === 0n) progress.update('verified', Number(entries), entriesUnit);
      else progress.update(verb, Number(keys), keysUnit);
    }
  } finally {
    progress.end();
  }
  throw new LatticeError('daemon-gone', 'The node ended before it came to a result: run the command again.');
}

function reissuedText(entries: bigint): string {
  if (entries === 0n) return '';
  const [what, was] = [counted(entries, ...entriesUnit), entries === 1n ? 'was' : 'were'];
  return ` ${what} of this node that went on from what was lost ${was} issued again.`;
}

function givenUpText(entries: bigint): string {
  return entries === 0n
    ? ''
    : ` ${counted(entries, ...entriesUnit)} of others that go on from what was lost stay in the log, out of the state.`;
}

function reportText(report: StoreCheckReport, output: Output): string {
  const { paint } = output;
  const verified = `${counted(report.entries, ...entriesUnit)} in ${counted(report.bundles, 'bundle')}, ${counted(report.signatures, 'signature')}`;
  const losses = report.acceptedLosses.map(acceptedLossText);
  if (report.problemCount === 0n)
    return [
      `${paint.as('good', 'All is well:')} ${verified}; the state is what the log says.`,
      ...losses,
    ].join('\n');
  const untold = Number(report.problemCount) - report.problems.length;
  return [
    `${paint.as('bad', `${counted(report.problemCount, 'problem')}:`)} verified ${verified}.`,
    ...report.problems.map((problem) => problemText(problem, output)),
    ...(untold > 0 ? [`... and ${untold.toLocaleString('en')} more.`] : []),
    ...(report.compared
      ? []
      : ['The state was not compared with the log, of which part is lost or not to be believed.']),
    ...losses,
  ].join('\n');
}

function problemText({ kind, where, message }: StoreProblem, { paint }: Output): string {
  return `${paint.as('bad', harmless(kind))} at ${harmless(where)}\n  ${harmless(message)}`;
}
