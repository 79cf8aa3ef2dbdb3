// House rules that are tests: what CONTRIBUTING.md asks for, where a machine can see it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runIfMain } from './lib/check.mjs';
import { filesUnder, root } from './lib/repository.mjs';

const linesMax = 400;

const clocksAndChance = {
  pattern:
    /\b(?:Date\.now|Math\.random|performance\.now|process\.hrtime|setTimeout|setInterval|setImmediate)\b|\bnew Date\(\s*\)/,
  message: (what) => `${what}: time and randomness come in through ports; only system-ports.ts may read them`,
};

/** Files beside system-ports.ts that may read a clock or chance themselves, each with its reason. */
export const mayReadTheSystem = new Map([]);

const testRules = [
  {
    pattern: /\b(?:test|it|describe|suite)\.only\(|\bonly: true\b/,
    message: () => 'only(...) would silence all other tests',
  },
];

const textRules = [
  { pattern: /\.\.\/shared\b/, message: () => 'names a folder outside of the repository' },
  {
    pattern: /https?:\/\/[\w.-]*\bregistry\b|\bnpmmirror\b/,
    message: () => 'names a package registry: it differs from place to place',
  },
  {
    pattern: /\b(?:issue|session) ?#|\bissue \d/i,
    message: () => 'names an issue or a session: say what the code does instead',
  },
];

export function findProblems(base = root) {
  return filesUnder('', base)
    .filter(isText)
    .flatMap((file) => problemsOf(file, readFileSync(join(base, file), 'utf8')));
}

/** All problems of one file, given its path from the repository's root. */
export function problemsOf(file, text) {
  const problems = problemsByLine(file, text.split('\n'), textRules);
  if (/^packages\/[^/]+\/test\/.*\.ts$/.test(file))
    problems.push(...problemsByLine(file, withoutComments(text), testRules));
  if (!/^packages\/[^/]+\/src\/(?!gen\/).*\.ts$/.test(file)) return problems;

  if (!isSystemPort(file)) problems.push(...problemsByLine(file, withoutComments(text), [clocksAndChance]));
  const lines = text.split('\n').length - 1;
  if (lines > linesMax)
    problems.push(`${file}: ${lines} lines; past ${linesMax} there is a second idea in a file`);
  return problems;
}

function problemsByLine(file, lines, rules) {
  return lines.flatMap((line, index) =>
    rules.flatMap(({ pattern, message }) => {
      const match = pattern.exec(line);
      return match === null ? [] : [`${file}:${index + 1}: ${message(match[0])}`];
    }),
  );
}

function isSystemPort(file) {
  return file.endsWith('/system-ports.ts') || mayReadTheSystem.has(file);
}

/**
 * The lines of the source with comments blanked. A `//` in a string goes too: nothing here is looked for
 * behind one.
 */
function withoutComments(source) {
  const blank = (comment) => comment.replaceAll(/[^\n]/g, ' ');
  return source
    .replaceAll(/\/\*[\s\S]*?\*\//g, blank)
    .replaceAll(/\/\/.*/g, blank)
    .split('\n');
}

function isText(file) {
  return file !== 'LICENSE' && !/\.(?:png|ico|woff2|bin|wasm)$/.test(file);
}

runIfMain(import.meta.url, findProblems);
