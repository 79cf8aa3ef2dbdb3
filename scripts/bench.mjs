// `npm run bench`: how fast it is, each beside the limit of this machine in the same run. A table goes to
// standard error as it grows; standard output gets a JSON document per row, for programs.
// `npm run bench -- start` runs only the benchmarks whose name contains "start".
import { buildEverything, installPackages } from './setup.mjs';
import { measureStart } from './bench/start.mjs';
import { printRow } from './bench/row.mjs';

const benchmarks = { start: measureStart };

async function main(filter) {
  const problem = installPackages() ?? buildEverything();
  if (problem !== undefined) {
    console.error(problem);
    return 1;
  }
  const chosen = Object.entries(benchmarks).filter(
    ([name]) => filter.length === 0 || filter.some((part) => name.includes(part)),
  );
  for (const [, measure] of chosen) for await (const row of measure()) printRow(row);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
