// `npm run sim`: lets whole meshes live, one for each seed, and looks whether all is as it must be.
//   npm run sim -- --seeds 1000 --from 1 --nodes 3..12 --minutes 10
//   npm run sim -- --jobs 2 ...                   in that many processes at a time
//   npm run sim -- --seeds 10000 --quiet ...     a line a minute, and of each seed that has found something
//   npm run sim -- --seed 17 --trace              one seed, and what happened in it
//   npm run sim -- --scale 1000                   how a mesh fares that grows, until --budget seconds of the processor are spent
//   npm run sim -- --story packages/sim/test/stories/some.json --trace
// What is found is shortened and saved in --save (a folder; .build/sim if not said otherwise). See docs/simulator.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './lib/repository.mjs';
import { runCrew } from './lib/sim-crew.mjs';
import { scale } from './lib/sim-scale.mjs';
import { nodesIn, runSeed } from './lib/sim-seed.mjs';
import { buildEverything, installPackages } from './setup.mjs';

const usage = {
  seeds: { type: 'string', default: '100' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  nodes: { type: 'string', default: '3..8' },
  minutes: { type: 'string', default: '2' },
  jobs: { type: 'string', default: '1' },
  scale: { type: 'string' },
  budget: { type: 'string', default: '600' },
  story: { type: 'string' },
  trace: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
  save: { type: 'string', default: join(root, '.build/sim') },
  'no-shrink': { type: 'boolean', default: false },
};

async function main(argv) {
  let options;
  try {
    options = optionsOf(argv);
  } catch (error) {
    return fail(error.message, 2);
  }
  const problem = installPackages() ?? buildEverything();
  if (problem !== undefined) return fail(problem, 1);
  const sim = await import('../packages/sim/dist/index.js');
  if (options.story !== undefined) return replay(sim, options);
  if (options.scale !== undefined) return scale(sim, options.scale);
  const tally = new Tally(options);
  if (options.jobs > 1) await runCrew(options, (outcome) => tally.add(outcome));
  else
    for (let seed = options.from; seed < options.from + options.seeds; seed++)
      tally.add(await runSeed(sim, seed, { ...options, nodesOf: nodesIn(options.nodes) }));
  tally.close();
  return tally.failed > 0 ? 1 : 0;
}

function optionsOf(argv) {
  const { values } = parseArgs({ args: argv, options: usage });
  nodesIn(values.nodes);
  const number = (name) => {
    const value = Number(values[name]);
    if (Number.isFinite(value) && value > 0) return value;
    throw new Error(`--${name} is a number above 0, not ${values[name]}.`);
  };
  const one = values.seed === undefined ? undefined : number('seed');
  return {
    ...values,
    seeds: one === undefined ? number('seeds') : 1,
    from: one ?? number('from'),
    minutes: number('minutes'),
    jobs: Math.floor(number('jobs')),
    scale:
      values.scale === undefined
        ? undefined
        : { nodes: Math.floor(number('scale')), seed: one ?? 1, budgetS: number('budget') },
  };
}

async function replay(sim, { story: path, trace }) {
  const story = sim.decodeStory(readFileSync(path, 'utf8'));
  const outcome = await sim.runStory(story);
  if (trace) print(outcome.trace);
  for (const finding of outcome.findings) console.log(`found: ${finding}`);
  console.log(`${story.about}\ntrace digest ${outcome.digest}`);
  return outcome.findings.length > 0 ? 1 : 0;
}

/** So often a quiet run says how far it is. */
const sayEveryMs = 60_000;

class Tally {
  failed = 0;
  #runs = 0;
  #virtualMs = 0;
  #cpuMs = 0;
  #began = performance.now();
  #saidAt = this.#began;
  #counts = new Map();
  #options;

  constructor(options) {
    this.#options = options;
  }

  add({ seed, steps, found, counts, virtualMs, cpuMs, digest, trace }) {
    this.#runs++;
    this.#virtualMs += virtualMs;
    this.#cpuMs += cpuMs;
    if (found.length > 0) this.failed++;
    for (const [what, times] of counts) this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
    print(trace);
    const verdict = found.length > 0 ? 'FOUND SOMETHING' : 'ok';
    const line = `seed ${seed}: ${steps} steps, ${Math.round(virtualMs / 1000)} s, ${digest.slice(0, 16)}: ${verdict}`;
    if (found.length > 0 || !this.#options.quiet) console.error(line);
    else this.#sayNowAndThen();
    print(found);
  }

  #sayNowAndThen() {
    const now = performance.now();
    if (now - this.#saidAt < sayEveryMs) return;
    this.#saidAt = now;
    const seconds = Math.round((now - this.#began) / 1000);
    console.error(
      `${this.#runs} of ${this.#options.seeds} seeds, ${this.failed} with findings, ${seconds} s`,
    );
  }

  close() {
    const seconds = Math.round((performance.now() - this.#began) / 1000);
    const cpu = (this.#cpuMs / 1_000 / this.#runs).toFixed(2);
    const hours = (this.#virtualMs / 3_600_000).toFixed(1);
    console.log(
      `${this.#runs} seeds, ${this.failed} with findings; ${hours} hours of mesh life in ${seconds} s, ${cpu} s of a processor each`,
    );
    for (const [what, times] of [...this.#counts].sort(([, a], [, b]) => b - a))
      console.log(`  ${String(times).padStart(8)}  ${what}`);
  }
}

function print(lines) {
  for (const line of lines) console.log(line);
}

function fail(problem, status) {
  console.error(problem);
  return status;
}

process.exitCode = await main(process.argv.slice(2));
