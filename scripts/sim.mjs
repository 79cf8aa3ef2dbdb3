// `npm run sim`: lets whole meshes live, one for each seed, and looks whether all is as it must be.
//   npm run sim -- --seeds 1000 --from 1 --nodes 3..12 --minutes 10
//   npm run sim -- --seed 17 --trace              one seed, and what happened in it
//   npm run sim -- --story packages/sim/test/stories/some.json --trace
// What is found is shortened and saved in --save (a folder; .build/sim if not said otherwise). See docs/simulator.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './lib/repository.mjs';
import { buildEverything, installPackages } from './setup.mjs';

const usage = {
  seeds: { type: 'string', default: '100' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  nodes: { type: 'string', default: '3..8' },
  minutes: { type: 'string', default: '2' },
  story: { type: 'string' },
  trace: { type: 'boolean', default: false },
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
  const tally = new Tally();
  for (let seed = options.from; seed < options.from + options.seeds; seed++) {
    const story = { seed, steps: sim.tellStory({ ...options, seed, nodes: options.nodesOf(seed) }) };
    const outcome = await sim.runStory(story);
    if (options.trace) print(outcome.trace);
    tally.add(seed, story, outcome);
    if (outcome.findings.length > 0) await report(sim, story, outcome, options);
  }
  tally.close();
  return tally.failed > 0 ? 1 : 0;
}

function optionsOf(argv) {
  const { values } = parseArgs({ args: argv, options: usage });
  const nodes = /^(\d+)(?:\.\.(\d+))?$/.exec(values.nodes);
  if (!nodes) throw new Error(`--nodes is a number, or two as in 3..12, not ${values.nodes}.`);
  const [least, most] = [Number(nodes[1]), Number(nodes[2] ?? nodes[1])];
  if (least < 2 || most < least) throw new Error('--nodes begins at 2, and does not end before it begins.');
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
    nodesOf: (seed) => least + (seed % (most - least + 1)),
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

async function report(sim, story, outcome, options) {
  console.log(`seed ${story.seed}:`);
  for (const finding of outcome.findings.slice(0, 8)) console.log(`  ${finding.replaceAll('\n', '\n  ')}`);
  const shrunk = options['no-shrink'] ? { story, outcome, runs: 0 } : await sim.shrink(story, outcome);
  const about = shrunk.outcome.findings[0]?.split('\n')[0] ?? '';
  mkdirSync(options.save, { recursive: true });
  const path = join(options.save, `seed-${story.seed}.json`);
  writeFileSync(path, sim.encodeStory({ ...shrunk.story, about, digest: shrunk.outcome.digest }));
  console.log(
    `  ${shrunk.story.steps.length} steps of ${story.steps.length} are left after ${shrunk.runs} runs: ${path}`,
  );
}

class Tally {
  failed = 0;
  #runs = 0;
  #virtualMs = 0;
  #began = performance.now();
  #counts = new Map();

  add(seed, { steps }, { findings, counts, virtualMs, digest }) {
    this.#runs++;
    this.#virtualMs += virtualMs;
    if (findings.length > 0) this.failed++;
    for (const [what, times] of counts) this.#counts.set(what, (this.#counts.get(what) ?? 0) + times);
    const verdict = findings.length > 0 ? 'FOUND SOMETHING' : 'ok';
    const line = `seed ${seed}: ${steps.length} steps, ${Math.round(virtualMs / 1000)} s, ${digest.slice(0, 16)}: ${verdict}`;
    console.error(line);
  }

  close() {
    const seconds = Math.round((performance.now() - this.#began) / 1000);
    const hours = (this.#virtualMs / 3_600_000).toFixed(1);
    console.log(
      `${this.#runs} seeds, ${this.failed} with findings; ${hours} hours of mesh life in ${seconds} s`,
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
