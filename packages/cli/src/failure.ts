import { LatticeError, messageOf } from '@lattice/model';
import { exitStatuses } from './exit-statuses.js';
import { jsonForTerminal, jsonText } from './output/json-text.js';
import { harmless } from './output/printable.js';
import { outputClosed, type Writer } from './output/writer.js';
import { isUsageError } from './usage-error.js';

/** Says what went wrong, in one sentence or with --json in one document, and returns the exit status. */
export function reportFailure(
  error: unknown,
  {
    stderr,
    json,
    where,
  }: { readonly stderr: Writer; readonly json: boolean; readonly where?: string | undefined },
): number {
  const { code, message } = described(error);
  if (code === outputClosed) return exitStatuses.done;
  const place = where === undefined ? '' : ` in ${where}`;
  const document = jsonText({ error: { code, message } });
  if (json) stderr.writeNow(`${stderr.isTerminal ? jsonForTerminal(document) : document}\n`);
  else stderr.tell(`${stderr.paint.as('bad', `error${place}:`)} ${harmless(message)}`);
  if (code === 'aborted') return exitStatuses.cancelled;
  return isUsageError(error) ? exitStatuses.wrongUsage : exitStatuses.refused;
}

/** Never a stack trace: what is no `LatticeError` is a defect of this program, and its first line helps to find it. */
function described(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof LatticeError) return error;
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'aborted', message: 'Cancelled: what was done until then stays done.' };
  const [firstLine = ''] = messageOf(error).split('\n', 1);
  return {
    code: 'internal',
    message: `Something went wrong inside Lattice (${firstLine}): please report it.`,
  };
}
