import type { Step } from '../world/step.js';
import type { Story } from './run.js';

/** A story as it is saved: a regression case, for people to read and for machines to run. */
export interface SavedStory extends Story {
  /** What it is about, in a sentence. */
  readonly about: string;
  /** The digest of its trace when it was saved, for information: it differs as soon as anything of the product does. */
  readonly digest?: string;
}

/** One step a line. */
export function encodeStory({ about, seed, digest, steps }: SavedStory): string {
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`);
  const head = [`  "about": ${JSON.stringify(about)},`, `  "seed": ${seed},`];
  if (digest !== undefined) head.push(`  "digest": ${JSON.stringify(digest)},`);
  return ['{', ...head, '  "steps": [', lines.join(',\n'), '  ]', '}', ''].join('\n');
}

/** Throws where that is no story. What the steps are about is for the run to find out. */
export function decodeStory(text: string): SavedStory {
  const read = JSON.parse(text) as Partial<Record<keyof SavedStory, unknown>>;
  const { about, seed, digest, steps } = read;
  if (typeof about !== 'string' || typeof seed !== 'number' || !Array.isArray(steps) || !steps.every(isStep))
    throw new Error(
      'A story has "about" (text), "seed" (a number) and "steps" (a list of objects with "do").',
    );
  return { about, seed, steps, ...(typeof digest === 'string' && { digest }) };
}

function isStep(step: unknown): step is Step {
  return typeof step === 'object' && step !== null && typeof (step as { do?: unknown }).do === 'string';
}
