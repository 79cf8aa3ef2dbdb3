import { askOnTerminal } from './ask-on-terminal.js';
import { wordsCommand } from './completion/words-command.js';
import { reportFailure } from './failure.js';
import type { Command } from './commands/command.js';
import { commandOf, execute, type ParsedLine, parseTokens } from './interpreter.js';
import { type ChosenLogLevel, wantsJson } from './line/global-options.js';
import { Writer } from './output/writer.js';
import { Session } from './session.js';
import { stderrLogger } from './stderr-logger.js';
import { processSurroundings, type Surroundings } from './surroundings.js';

/** What runs while one command does, on behalf of other processes, is let finish: they could not know whose it was. */
const patienceForOthersMs = 10 * 60 * 1_000;

/** Runs the command line. Resolves with the exit status, when all is closed; never rejects. */
export async function main(
  argv: readonly string[],
  surroundings: Surroundings = processSurroundings(),
): Promise<number> {
  if (argv[0] === wordsCommand) {
    const { printWords } = await import('./completion/print-words.js');
    await printWords(argv.slice(1), surroundings);
    return 0;
  }
  const stdout = new Writer(surroundings.stdout, surroundings);
  const stderr = new Writer(surroundings.stderr, surroundings);
  try {
    const line = parseTokens(argv, surroundings);
    const { words, options } = line.words;
    const isShell = words.length === 0 && !options.has('help') && !options.has('version');
    if (!isShell) return await runOnce(line, surroundings, stdout, stderr);
    if (surroundings.stdin.isTTY === true) {
      const { runShell } = await import('./shell/shell.js');
      return await runShell(line.global, { surroundings, stdout, stderr });
    }
    const { runScript } = await import('./shell/script.js');
    return await runScript(line.global, { surroundings, stdout, stderr });
  } catch (error) {
    return reportFailure(error, { stderr, json: wantsJson(argv, surroundings) });
  }
}

async function runOnce(
  line: ParsedLine,
  surroundings: Surroundings,
  stdout: Writer,
  stderr: Writer,
): Promise<number> {
  const stop = new AbortController();
  const offStop = surroundings.onStop(() => {
    if (stop.signal.aborted) surroundings.exitNow(130);
    stop.abort();
  });
  const { command } = commandOf(line);
  const session = new Session({
    surroundings,
    global: line.global,
    role: 'command',
    logger: stderrLogger(stderr, logLevelFor(command, line)),
    signal: stop.signal,
    onOpen: async ({ owned }) => {
      if (needsNetwork(command, line)) await owned?.node.startNetwork();
      // What the environment says is said to all commands, and meant for those that can heed it.
      const isTyped = ['bind', 'relay', 'lan'].some((name) => line.words.options.has(name));
      if (owned === undefined && isTyped)
        stderr.tell('Another process runs the node, so --bind, --relay and --lan change nothing.');
    },
  });
  let status: number;
  try {
    const asker = () => askOnTerminal(surroundings, stop.signal);
    const execution = { surroundings, stdout, stderr, node: session.node, signal: stop.signal, asker };
    status = await execute(line, execution);
  } catch (error) {
    status = reportFailure(error, { stderr, json: line.global.json });
  }
  const onWait = () =>
    stderr.tell('Waiting for commands of other processes that use this one (Ctrl-C: end them).');
  await session.close({ drainMs: patienceForOthersMs, signal: stop.signal, onWait });
  offStop();
  return status;
}

/** What somebody asked for; else what a command prints itself is not told a second time. */
function logLevelFor({ printsWarnings }: Command, { global, words }: ParsedLine): ChosenLogLevel {
  const isUsual = global.logLevel === 'warn' && !words.options.has('log-level');
  return isUsual && printsWarnings ? 'error' : global.logLevel;
}

function needsNetwork({ needsNetwork: needs }: Command, { words }: ParsedLine): boolean {
  return typeof needs === 'boolean' ? needs : needs.some((option) => words.options.has(option));
}
