// One seed of `npm run sim`: in this process, or in another that does nothing else.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What became of a seed, as it can be sent to another process. */
export async function runSeed(sim, seed, options) {
  const cpuBefore = process.cpuUsage();
  const steps = sim.tellStory({ seed, nodes: options.nodesOf(seed), minutes: options.minutes });
  const outcome = await sim.runStory({ seed, steps });
  const { user, system } = process.cpuUsage(cpuBefore);
  const found = outcome.findings.length === 0 ? [] : await report(sim, { seed, steps }, outcome, options);
  return {
    seed,
    steps: steps.length,
    virtualMs: outcome.virtualMs,
    digest: outcome.digest,
    counts: [...outcome.counts],
    cpuMs: (user + system) / 1_000,
    found,
    trace: options.trace ? outcome.trace : [],
  };
}

/** Shortens what was found, saves it, and says so in lines. */
async function report(sim, story, outcome, options) {
  const shrunk = options['no-shrink'] ? { story, outcome, runs: 0 } : await sim.shrink(story, outcome);
  const about = shrunk.outcome.findings[0]?.split('\n')[0] ?? '';
  mkdirSync(options.save, { recursive: true });
  const path = join(options.save, `seed-${story.seed}.json`);
  writeFileSync(path, sim.encodeStory({ ...shrunk.story, about, digest: shrunk.outcome.digest }));
  return [
    `seed ${story.seed}:`,
    ...outcome.findings.slice(0, 8).map((finding) => `  ${finding.replaceAll('\n', '\n  ')}`),
    `  ${shrunk.story.steps.length} steps of ${story.steps.length} are left after ${shrunk.runs} runs: ${path}`,
  ];
}

/** `--nodes` as a number, or as two: then seeds take turns. */
export function nodesIn(text) {
  const nodes = /^(\d+)(?:\.\.(\d+))?$/.exec(text);
  if (!nodes) throw new Error(`--nodes is a number, or two as in 3..12, not ${text}.`);
  const [least, most] = [Number(nodes[1]), Number(nodes[2] ?? nodes[1])];
  if (least < 2 || most < least) throw new Error('--nodes begins at 2, and does not end before it begins.');
  return (seed) => least + (seed % (most - least + 1));
}
