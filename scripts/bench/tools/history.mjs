// Long histories, made without the engine whose speed they are to measure: laid out, hashed and signed by its authors, as
// what arrives from peers is, or as it lies in a store's log.
import { keyPairFromSeed, sign } from '@lattice/crypto';
import { hashEntry } from '@lattice/kernel';
import { encodeKvOps } from '@lattice/kvstore';
import { compareEntryRefs, hlcFromMs } from '@lattice/model';
import { encodeBundle, encodePayload } from '@lattice/proto';
import { randomKey, randomValue } from './data.mjs';
import { random } from './ports.mjs';

/** An author has seen all but up to so many of the entries before its own: those are under way to it. */
const lagMax = 8;

/** Records that are appended to a log by one sync. */
const recordsPerAppend = 32;

export function newAuthors(count) {
  return Array.from({ length: count }, () => keyPairFromSeed(random.bytes(32)));
}

/**
 * So many entries by those authors in turn, by chance, in bundles of `perBundle`, in causal order. Each is one put of `keyOf(index)`,
 * and names the heads that its author has seen, as writers do; or one of them, where it is a `careless` one.
 */
export function* makeHistory({
  store,
  authors,
  entries,
  perBundle,
  keyOf = randomKey,
  valueBytes,
  careless = false,
}) {
  const heads = new Map();
  const seen = new Seen(careless);
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
        deps: seen.by(author, made),
        payload: putPayload(keyOf(made), randomValue(valueBytes)),
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
      seen.add(author, made, { author: entry.author, seq: entry.seq, hash });
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

/** Who has seen what: everybody a stretch of the whole from its beginning on, and their own. */
class Seen {
  /** The last entries; `coveredAt`: the first entry that names it, or follows it. */
  #recent = [];
  #upTo = new Map();
  #last = new Map();
  #careless;

  constructor(careless) {
    this.#careless = careless;
  }

  /** What the author names, with its entry of that number. */
  by(author, number) {
    const before = this.#upTo.get(author) ?? -1;
    const upTo = Math.max(before, number - 1 - Math.floor(Math.random() * (lagMax + 1)));
    this.#upTo.set(author, upTo);
    const heads = this.#recent.filter(
      (one) => one.by !== author && one.number > before && one.number <= upTo && one.coveredAt > upTo,
    );
    const named = this.#careless ? heads.slice(-1) : heads;
    for (const one of named) one.coveredAt = Math.min(one.coveredAt, number);
    return named.map(({ ref }) => ref).sort(compareEntryRefs);
  }

  add(author, number, ref) {
    const previous = this.#last.get(author);
    if (previous) previous.coveredAt = Math.min(previous.coveredAt, number);
    const one = { by: author, number, ref, coveredAt: Infinity };
    this.#last.set(author, one);
    this.#recent.push(one);
    if (this.#recent.length > 3 * lagMax) this.#recent.shift();
  }
}

function putPayload(key, value) {
  return encodePayload(1, [encodeKvOps([{ kind: 'put', key, value }])]);
}
