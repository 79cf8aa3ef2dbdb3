// Whether one entry has another in its past, in a store of many chains. Half of the questions are about entries that were
// written at about the same time, which are the hard ones.
import { randomInt } from 'node:crypto';
import { inFolder } from '../tools/folder.mjs';
import { appendHistory, makeHistory, newAuthors } from '../tools/history.mjs';
import { quantile } from '../tools/in-turns.mjs';
import { openLoneStore } from '../tools/stores.mjs';
import { rowOf } from '../row.mjs';

const nearMax = 10_000;

export async function* measure({ chains, entries, sees }) {
  yield* inFolder(async function* (folder) {
    const authors = newAuthors(chains);
    const { replica, close } = await openLoneStore(folder, (log, store) =>
      appendHistory(log, makeHistory({ store, authors, entries, perBundle: 256 })),
    );
    ask(replica, entries, sees);
    const { timesUs, yes } = ask(replica, entries, sees);
    await close();
    const count = (number) => number.toLocaleString('en-US');
    yield rowOf({
      name: `sees p99, ${count(chains)} chains, ${count(entries)} entries`,
      value: quantile(timesUs, 0.99),
      unit: 'us',
      target: { atMost: 20 },
      p50: quantile(timesUs, 0.5),
      p999: quantile(timesUs, 0.999),
      seen: yes / sees,
    });
  });
}

function ask(replica, entries, questions) {
  const timesUs = [];
  let yes = 0;
  for (let i = 0; i < questions; i++) {
    const ref = randomInt(1, entries);
    const other = i % 2 === 0 ? randomInt(0, ref) : randomInt(Math.max(0, ref - nearMax), ref);
    const beganMs = performance.now();
    if (replica.sees(ref, other)) yes++;
    timesUs.push((performance.now() - beganMs) * 1000);
  }
  return { timesUs, yes };
}
