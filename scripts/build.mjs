// `npm run build`: compiles packages and tests.
import { buildEverything, installPackages } from './setup.mjs';

const problem = installPackages() ?? buildEverything();
if (problem !== undefined) {
  console.error(problem);
  process.exitCode = 1;
}
