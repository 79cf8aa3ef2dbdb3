import { createInterface, type Interface } from 'node:readline';
import { reportFailure } from '../failure.js';
import { execute } from '../interpreter.js';
import type { GlobalOptions } from '../line/global-options.js';
import { splitLine } from '../line/split-line.js';
import type { Session } from '../session.js';
import { version } from '../version.js';
import { LineQueue } from './line-queue.js';
import { parseShellLine } from './parse-shell-line.js';
import { promptText } from './prompt.js';
import { openShellSession, type ShellStreams } from './shell-session.js';

/** How long commands of other processes may go on when the shell is left. */
const drainMs = 5_000;

/** The shell on a terminal, until it is left: `quit`, Ctrl-D, or a terminal that goes away. */
export async function runShell(global: GlobalOptions, streams: ShellStreams): Promise<number> {
  const { surroundings, stdout } = streams;
  const readline = createInterface({
    input: surroundings.stdin,
    output: surroundings.stdout,
    terminal: true,
    prompt: '',
  });
  const lines = new LineQueue(readline);
  const ended = new AbortController();
  const offStop = surroundings.onStop(() => lines.end());
  const session = openShellSession(global, streams, {
    role: 'shell',
    signal: ended.signal,
    onEvent: (text) => showAbove(readline, surroundings.stdout, text, lines.isWaiting),
  });
  try {
    await session.node();
    await stdout.write(`Lattice ${version}. \`help\` lists the commands, \`quit\` leaves.\n`);
    await readAndRun(global, streams, { readline, lines, session });
    return 0;
  } finally {
    readline.close();
    ended.abort();
    await session.close({ drainMs });
    offStop();
  }
}

interface Parts {
  readonly readline: Interface;
  readonly lines: LineQueue;
  readonly session: Session;
}

async function readAndRun(global: GlobalOptions, streams: ShellStreams, { readline, lines, session }: Parts) {
  const shell = { leave: () => lines.end() };
  for (;;) {
    readline.setPrompt(await promptText(session, global.mesh));
    const line = await lines.next();
    if (line === undefined) return;
    const running = new AbortController();
    const cancel = () => running.abort();
    readline.on('SIGINT', cancel);
    lines.onceEnded(cancel);
    try {
      const parsed = parseShellLine(splitLine(line), global, streams.surroundings);
      const { signal } = running;
      const asker = () => async (question: string) => {
        const answer = await lines.ask(question, signal);
        if (answer === undefined) await streams.stdout.write('\n');
        return answer;
      };
      if (parsed !== undefined)
        await execute(parsed, { ...streams, node: session.node, signal, asker, shell });
    } catch (error) {
      await session.noteFailure(error);
      reportFailure(error, { stderr: streams.stderr, json: global.json });
    } finally {
      readline.off('SIGINT', cancel);
    }
  }
}

/** Writes a line above the one being typed, which stays as it is. */
function showAbove(
  readline: Interface,
  terminal: NodeJS.WritableStream,
  text: string,
  isTyping: boolean,
): void {
  if (!isTyping) {
    terminal.write(`${text}\n`);
    return;
  }
  terminal.write(`\r\u001b[K${text}\n`);
  readline.prompt(true);
}
