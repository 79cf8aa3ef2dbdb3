// node --import ./plant.js hunt.js FROM COUNT: prints the first seed that finds anything, and what.
import { runStory, tellStory } from '@lattice/sim';

const [from, count] = process.argv.slice(2).map(Number);
for (let seed = from ?? 1; seed < (from ?? 1) + (count ?? 1_000); seed++) {
  const { findings } = await runStory({
    seed,
    steps: tellStory({ seed, nodes: 3 + (seed % 4), minutes: 2 }),
  });
  if (findings.length === 0) continue;
  console.log(JSON.stringify({ seed, finding: findings[0]?.split('\n')[0] }));
  process.exit(0);
}
console.log(JSON.stringify({}));
process.exit(0);
