// What every check script has in common: a function that lists problems, and a way to run it by hand.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Runs `findProblems` when its script is the one that was started: prints each problem, fails if there is
 * one.
 */
export function runIfMain(scriptUrl, findProblems) {
  if (process.argv[1] === undefined || realpathSync(process.argv[1]) !== fileURLToPath(scriptUrl)) return;
  const problems = findProblems();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
