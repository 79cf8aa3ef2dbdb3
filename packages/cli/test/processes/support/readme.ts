import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** One step of the quick start: in which terminal to type what, and what is to be seen. */
export interface Step {
  readonly terminal: string;
  /** A command of the system's shell, or of Lattice's. */
  readonly kind: 'start' | 'command';
  readonly text: string;
  readonly expected: string;
}

/** The README's quick start, as it is written there. */
export function quickStart(): readonly Step[] {
  const section = /## Quick start\n(?<text>[\s\S]*?)\nClose either/.exec(readFileSync('README.md', 'utf8'));
  assert(section?.groups?.['text']);
  const blocks = section.groups['text'].matchAll(
    /\*\*(?<terminal>[^*]+)\*\*\s+```console\n(?<lines>[\s\S]*?)```/g,
  );
  return [...blocks].flatMap(({ groups }) => stepsOf(groups?.['terminal'] ?? '', groups?.['lines'] ?? ''));
}

function stepsOf(terminal: string, block: string): readonly Step[] {
  const steps: { terminal: string; kind: Step['kind']; text: string; expected: string }[] = [];
  for (const line of block.trim().split('\n')) {
    const start = /^\$ (.*)$/.exec(line);
    const command = /^lattice:[a-z0-9-]+> (.*)$/.exec(line);
    if (start?.[1]) steps.push({ terminal, kind: 'start', text: start[1], expected: '' });
    else if (command?.[1]) steps.push({ terminal, kind: 'command', text: command[1], expected: '' });
    else {
      const last = steps.at(-1);
      assert(last, `the quick start begins with a command, not with "${line}"`);
      last.expected += last.expected ? `\n${line}` : line;
    }
  }
  return steps;
}
