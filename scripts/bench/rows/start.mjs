// How long a whole one-shot process takes beside a daemon, from its start to its end, against one that does nothing.
// They take turns, so that whatever else the machine does slows all of them alike: the ratio is what to look at.
import { inFolder } from '../tools/folder.mjs';
import { quantile, timeMs } from '../tools/in-turns.mjs';
import { lattice, run, startDaemon } from '../tools/lattice.mjs';
import { rowOf } from '../row.mjs';

const commands = {
  get: ['get', 'a'],
  put: ['put', 'a', '1'],
  list: ['list'],
  'node status': ['node', 'status'],
  '--version': ['--version'],
  help: ['help'],
  'an unknown command': ['gte'],
};

/** A row for each command. */
export async function* measure(sizes) {
  yield* inFolder(async function* (folder) {
    run(lattice(folder, 'mesh', 'create', 'bench'));
    run(lattice(folder, 'put', 'a', '1'));
    const daemon = await startDaemon(folder);
    try {
      const chosen = Object.entries(commands).slice(0, sizes.startCommands);
      const lines = chosen.map(([name, argv]) => [name, lattice(folder, ...argv)]);
      yield* await rowsOf([['nothing', [process.execPath, '-e', '0']], ...lines], sizes.startRounds);
    } finally {
      await daemon.stop();
    }
  });
}

async function rowsOf(commandLines, rounds) {
  const timesMs = Object.fromEntries(commandLines.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, commandLine] of commandLines) {
      timesMs[name].push(await timeMs(() => run(commandLine, name === 'an unknown command' ? 2 : 0)));
    }
  }
  const { nothing, ...measured } = timesMs;
  return Object.entries(measured).map(([name, times]) =>
    rowOf({
      name: `one-shot process: ${name}`,
      value: quantile(times, 0.5),
      unit: 'ms',
      limit: quantile(nothing, 0.5),
      target: { atMost: 2.5 },
      p90: Math.round(quantile(times, 0.9)),
      limitP90: Math.round(quantile(nothing, 0.9)),
    }),
  );
}
