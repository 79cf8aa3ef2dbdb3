// Long histories, made without the engine whose speed they are to measure: laid out, hashed and signed by its authors, as
// what arrives from peers is, or as it lies in a store's log.
import { keyPairFromSeed, sign } from '@lattice/crypto';
import { hashEntry } from '@lattice/kernel';
import { encodeKvOps } from '@lattice/kvstore';
import { compareEntryRefs, hlcFromMs } from '@lattice/model';
import { encodeBundle, encodePayload } from '@lattice/proto';
import { randomKey, randomValue } from './data.mjs';
import { random } from './ports.mjs';

/** How many entries back lies what an entry names as seen: as much is under way between authors. */
const lagMax = 64;

/** Records that are appended to a log by one sync. */
const recordsPerAppend = 32;

export function newAuthors(count) {
  return Array.from({ length: count }, () => keyPairFromSeed(random.bytes(32)));
}

/**
 * So many entries by those authors in turn, by chance, in bundles of `perBundle`, in causal order. Each is one put of `keyOf(index)`,
 * and names an entry of somebody else that is up to `lagMax` back; a single author's name none.
 */
export function* makeHistory({ store, authors, entries, perBundle, keyOf = randomKey }) {
  const heads = new Map();
  const recent = [];
  const firstHlc = hlcFromMs(Date.now());
  for (let made = 0; made < entries;) {
    const bundle = { chains: [], chainOf: [], entries: [], hashes: [] };
    const chainOf = new Map();
    for (; made < entries && bundle.entries.length < perBundle; made++) {
      const author = authors[Math.floor(Math.random() * authors.length)];
      const head = heads.get(author) ?? { seq: 0, hash: store };
      const entry = {
        author: author.nodeId,
        seq: head.seq + 1,
        prev: head.hash,
        hlc: firstHlc + BigInt(made),
        deps: seenBy(author, recent),
        payload: putPayload(keyOf(made), randomValue()),
      };
      const hash = hashEntry(entry);
      if (!chainOf.has(author)) {
        chainOf.set(author, bundle.chains.length);
        bundle.chains.push({ author: entry.author, firstSeq: entry.seq, firstPrev: entry.prev });
      }
      bundle.chainOf.push(chainOf.get(author));
      bundle.entries.push(entry);
      bundle.hashes.push(hash);
      heads.set(author, { seq: entry.seq, hash });
      recent.push({ by: author, ref: { author: entry.author, seq: entry.seq, hash } });
      if (recent.length > lagMax) recent.shift();
    }
    for (const [author, number] of chainOf)
      bundle.chains[number].signature = sign(author, 'chain', heads.get(author).hash);
    yield bundle;
  }
}

/** Puts a history into a store's log, as if it had been admitted and the state were lost. */
export async function appendHistory(log, history) {
  let records = [];
  for (const bundle of history) {
    records.push(encodeBundle(bundle, 'full'));
    if (records.length < recordsPerAppend) continue;
    await log.append(records);
    records = [];
  }
  await log.append(records);
}

function seenBy(author, recent) {
  const { by, ref } = recent[Math.floor(Math.random() * recent.length)] ?? {};
  return by === undefined || by === author ? [] : [ref].sort(compareEntryRefs);
}

function putPayload(key, value) {
  return encodePayload(1, [encodeKvOps([{ kind: 'put', key, value }])]);
}
