// Runs one test file in a process of its own, and makes sure that nothing of it lives on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from './repository.mjs';
import { TestLog } from './test-log.mjs';

/**
 * `lingerMs`: a file may pause between two top-level tests; one that idles longer after its last has left
 * something open.
 */
const defaults = { timeoutMs: 5 * 60_000, lingerMs: 10_000 };

const reporter = new URL('test-reporter.mjs', import.meta.url).href;
const isPosix = process.platform !== 'win32';
const running = new Set();

/**
 * Resolves with the file's `tests` (see TestLog), what it printed, and a `problem` when it ended as it should
 * not.
 */
export async function runTestFile(script, { timeoutMs, lingerMs } = defaults) {
  const child = start(script);
  const log = new TestLog();
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));

  let problem;
  const stop = (reason) => {
    problem = reason;
    kill(child);
  };
  const deadline = setTimeout(() => stop(`took more than ${timeoutMs / 1000} s, ${log.position}`), timeoutMs);
  const stopLingering = () =>
    stop(`did not exit within ${lingerMs / 1000} s of its last test: it leaves something open`);
  let linger;
  child.on('message', (message) => {
    log.add(message);
    clearTimeout(linger);
    const hasExited = child.exitCode !== null || child.signalCode !== null;
    if (log.isIdle && !hasExited) linger = setTimeout(stopLingering, lingerMs);
  });

  const ended = Promise.all([once(child, 'close'), once(child, 'disconnect')]);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(deadline);
  clearTimeout(linger);
  kill(child);
  const giveUp = setTimeout(() => {
    problem ??= 'left a process behind that keeps its output open';
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  }, lingerMs);
  await ended;
  clearTimeout(giveUp);
  running.delete(child);
  return { tests: log.tests, output, problem: problem ?? log.problemAtExit(code, signal) };
}

/** Ends all files that run now, with what they started. */
export function stopTestFiles() {
  for (const child of running) kill(child);
}

function start(script) {
  const options = [
    '--enable-source-maps',
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
  ];
  const child = spawn(process.execPath, [...options, script], {
    cwd: root,
    // Set by `node --test`, it would redirect the report to that one.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    // A process group of its own, so that the processes it starts can be ended with it.
    detached: isPosix,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  return child;
}

function kill(child) {
  try {
    if (isPosix) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
