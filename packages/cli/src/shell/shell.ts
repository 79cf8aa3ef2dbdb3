import { commands } from '../commands/table.js';
import { reportFailure } from '../failure.js';
import { commandOf, execute, type ParsedLine } from '../interpreter.js';
import { type GlobalOptions, wantsJson } from '../line/global-options.js';
import { scanLine, splitLine, type Token } from '../line/split-line.js';
import type { Session } from '../session.js';
import { completer } from './completer.js';
import { LineEditor } from './editor/line-editor.js';
import { eventText } from './event-text.js';
import { Foreground } from './foreground.js';
import { greeting } from './greeting.js';
import { historyFileIn } from './history-file.js';
import { History } from './history.js';
import { parseShellLine } from './parse-shell-line.js';
import { Prompt } from './prompt.js';
import { openShellSession, type ShellStreams } from './shell-session.js';

/** How long commands of other processes may go on when the shell is left. */
const drainMs = 5_000;

/** The shell on a terminal, until it is left: `quit`, Ctrl-D, or a terminal that goes away. */
export async function runShell(global: GlobalOptions, streams: ShellStreams): Promise<number> {
  const { surroundings, stdout } = streams;
  const ended = new AbortController();
  const session: Session = openShellSession(global, streams, {
    role: 'shell',
    signal: ended.signal,
    tell: (text) => editor.showAbove(text),
    onEvent: (event) => {
      prompt.noteEvent(event);
      const text = eventText(event);
      if (text !== undefined) editor.showAbove(text);
    },
  });
  const prompt = new Prompt({
    session,
    start: global,
    timers: surroundings.timers,
    onLate: (prompts) => editor.setPrompts(prompts),
  });
  const foreground = new Foreground(surroundings.timers, () =>
    editor.showAbove('It does not end: Ctrl-C again gives the prompt back.'),
  );
  const history = new History({
    file: historyFileIn(global.dataDir),
    commands,
    onFailure: (problem) => editor.showAbove(`The next shell will not know these lines (${problem}).`),
  });
  const editor = new LineEditor({
    surroundings,
    history: history.entries,
    isComplete,
    complete: completer({ session, start: global, commands, surroundings }),
    onInterrupt: () => foreground.interrupt(),
    onGone: () => foreground.end(),
  });
  const leave = () => {
    editor.end();
    foreground.end();
  };
  const offStop = surroundings.onStop(leave);
  try {
    await stdout.write(await greeting(await session.node({ beginsNode: true })));
    await readAndRun(global, streams, { editor, prompt, foreground, history, session });
    return 0;
  } finally {
    editor[Symbol.dispose]();
    ended.abort();
    await session.close({ drainMs });
    offStop();
  }
}

interface Parts {
  readonly editor: LineEditor;
  readonly prompt: Prompt;
  readonly foreground: Foreground;
  readonly history: History;
  readonly session: Session;
}

async function readAndRun(global: GlobalOptions, streams: ShellStreams, parts: Parts): Promise<void> {
  const { editor, prompt, foreground, history, session } = parts;
  let emptyInterrupts = 0;
  for (;;) {
    const read = await editor.read(await prompt.current());
    if (read.kind === 'end') return;
    if (read.kind === 'interrupted') {
      emptyInterrupts = read.wasEmpty ? emptyInterrupts + 1 : 0;
      if (emptyInterrupts === 2) editor.showAbove('`quit` or Ctrl-D leaves the shell.');
      continue;
    }
    emptyInterrupts = 0;
    history.add(read.text);
    const ended = await foreground.run(async ({ cancelled, abandoned }) => {
      const [stdout, stderr] = [streams.stdout.until(abandoned), streams.stderr.until(abandoned)];
      let tokens: readonly Token[] = [];
      try {
        tokens = splitLine(read.text);
        const line = parseShellLine(tokens, global, streams.surroundings);
        if (line === undefined) return;
        const shell = { leave: () => editor.end() };
        const asker = () => (question: string) => editor.ask(question, cancelled);
        const { node } = session;
        noteSelection(line, prompt);
        await execute(line, { ...streams, stdout, stderr, node, signal: cancelled, asker, shell });
      } catch (error) {
        await session.noteFailure(error);
        reportFailure(error, { stderr, json: global.json || wantsJson(tokens, streams.surroundings) });
      }
    });
    if (ended === 'abandoned') editor.showAbove('Left to itself: what it began may still be done.');
  }
}

/** Whether Enter ends what is typed. What cannot be read does: to be told why. */
function isComplete(text: string): boolean {
  try {
    return scanLine(text).open === undefined;
  } catch {
    return true;
  }
}

function noteSelection(line: ParsedLine, prompt: Prompt): void {
  if (commandOf(line).command.changesSelection) prompt.noteChange();
}
