import { fromUtf8 } from '@lattice/model';
import { reportFailure } from '../failure.js';
import { execute } from '../interpreter.js';
import { type GlobalOptions, wantsJson } from '../line/global-options.js';
import { splitLine, type Token } from '../line/split-line.js';
import { readLines } from '../ndjson/read-lines.js';
import { usageError } from '../usage-error.js';
import { parseShellLine } from './parse-shell-line.js';
import { openShellSession, type ShellStreams } from './shell-session.js';

/**
 * Runs the commands that come from standard input, one a line, as if typed into the shell. A command that fails does not
 * keep the next ones from running; the exit status is that of the last that failed.
 */
export async function runScript(global: GlobalOptions, streams: ShellStreams): Promise<number> {
  const { surroundings, stdout, stderr } = streams;
  const stop = new AbortController();
  const offStop = surroundings.onStop(() => {
    if (stop.signal.aborted) surroundings.exitNow(130);
    stop.abort();
    // Nothing else ends the wait for a line that does not come.
    surroundings.stdin.destroy();
  });
  const session = openShellSession(global, streams, { role: 'command', signal: stop.signal });
  let status = 0;
  let left = false;
  const shell = { leave: () => (left = true) };
  // Standard input is where the commands come from.
  const asker = () => undefined;
  try {
    for await (const lines of readLines(surroundings.stdin)) {
      for (const { number, bytes } of lines) {
        if (left || stop.signal.aborted) return stop.signal.aborted ? 130 : status;
        let tokens: readonly Token[] = [];
        try {
          tokens = splitLine(textOf(bytes));
          const line = parseShellLine(tokens, global, surroundings);
          if (line === undefined) continue;
          const { node } = session;
          const execution = { surroundings, stdout, stderr, node, signal: stop.signal, asker, shell };
          status = (await execute(line, execution)) || status;
        } catch (error) {
          await session.noteFailure(error);
          const json = global.json || wantsJson(tokens, surroundings);
          status = reportFailure(error, { stderr, json, where: `line ${number}` });
        }
      }
    }
    return status;
  } catch (error) {
    if (stop.signal.aborted) return 130;
    throw error;
  } finally {
    await session.close({ drainMs: 60_000, signal: stop.signal });
    offStop();
  }
}

function textOf(bytes: Uint8Array): string {
  const text = fromUtf8(bytes);
  if (text === undefined) throw usageError('This line is not UTF-8: save it as such.');
  return text;
}
