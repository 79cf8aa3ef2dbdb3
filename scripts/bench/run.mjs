// Runs benchmarks in this process: node --expose-gc run.mjs SIZES NAME...
import { benchmarks } from './benchmarks.mjs';
import { printRow } from './row.mjs';
import { sizesOf } from './sizes.mjs';

const [size, ...names] = process.argv.slice(2);
for (const name of names) {
  const { measure } = await benchmarks[name]();
  for await (const row of measure(sizesOf[size])) printRow(row);
}
