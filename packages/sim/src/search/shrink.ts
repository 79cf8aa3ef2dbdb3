import type { Step } from '../world/step.js';
import { type Outcome, runStory, type Story } from './run.js';

interface Shrunk {
  readonly story: Story;
  readonly outcome: Outcome;
  /** How many runs it took. */
  readonly runs: number;
}

/**
 * Leaves out as many steps as can be left out so that something is still found: first halves of the story, then quarters, and so on
 * (delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002). What is found must be of the
 * same kind, else one mistake turns into another.
 */
export async function shrink(story: Story, found: Outcome, runsMax = 300): Promise<Shrunk> {
  let best = { story, outcome: found };
  let runs = 0;
  const kind = kindOf(found);
  for (let size = Math.ceil(story.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.story.steps.length && runs < runsMax;) {
      const steps = without(best.story.steps, from, size);
      runs++;
      const shorter = { ...story, steps };
      const outcome = await runStory(shorter);
      if (kindOf(outcome) === kind) best = { story: shorter, outcome };
      else from += size;
    }
  }
  return { ...best, runs };
}

function without(steps: readonly Step[], from: number, count: number): readonly Step[] {
  return [...steps.slice(0, from), ...steps.slice(from + count)];
}

/** Its words without names, numbers and hashes. */
function kindOf({ findings: [first] }: Pick<Outcome, 'findings'>): string | undefined {
  return first?.split('\n')[0]?.replaceAll(/"[^"]*"|[0-9a-f]{6,}|\d+(?:\.\d+)?|\b[a-z](?:-twin\d+)?\b/g, '_');
}
