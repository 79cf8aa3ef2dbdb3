// Whether one entry has another in its past, in a store of many chains. Half of the questions are about entries that were
// written at about the same time, which are the hard ones.
import { randomInt } from 'node:crypto';
import { makeFolder, removeFolder } from '../tools/folder.mjs';
import { appendHistory, makeHistory, newAuthors } from '../tools/history.mjs';
import { quantile } from '../tools/in-turns.mjs';
import { openLoneStore } from '../tools/stores.mjs';
import { counted, rowOf } from '../row.mjs';

const nearMax = 10_000;

/** Of histories whose authors name fewer heads than they have seen, a smaller one. */
const carelessPart = 20;

export async function* measure({ chains, entries, sees }) {
  yield await rowFor({ chains, entries, sees, careless: false });
  const [fewer, less] = [chains, entries].map((count) => Math.max(20, Math.round(count / carelessPart)));
  yield await rowFor({ chains: fewer, entries: less, sees: Math.round(sees / carelessPart), careless: true });
}

async function rowFor({ chains, entries, sees, careless }) {
  const folder = makeFolder();
  try {
    const authors = newAuthors(chains);
    const { replica, close } = await openLoneStore(folder, (log, store) =>
      appendHistory(log, makeHistory({ store, authors, entries, perBundle: 256, careless })),
    );
    // Once to warm up.
    ask(replica, entries, sees);
    const { timesUs, yes } = ask(replica, entries, sees);
    await close();
    const size = `${counted(chains)} chains, ${counted(entries)} entries`;
    return rowOf({
      name: `sees p99, ${size}${careless ? ', careless' : ''}`,
      value: quantile(timesUs, 0.99),
      unit: 'us',
      target: { atMost: 20 },
      p50: quantile(timesUs, 0.5),
      p999: quantile(timesUs, 0.999),
      seen: yes / sees,
    });
  } finally {
    removeFolder(folder);
  }
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
