// What two nodes say to each other before the first entry is sent: two stores that differ in a few chains, and stores of very
// many chains, which are names alone here. Both sides share this process.
import { blake3, sign } from '@lattice/crypto';
import { hashEntry } from '@lattice/kernel';
import { encodeBundle, encodeMessage, wire } from '@lattice/proto';
import { SyncSession } from '@lattice/sync';
import { makeFolder, removeFolder } from '../tools/folder.mjs';
import { appendHistory, makeHistory, newAuthors } from '../tools/history.mjs';
import { random } from '../tools/ports.mjs';
import { newGenesis, openLoneStore } from '../tools/stores.mjs';
import { counted, rowOf } from '../row.mjs';

const chains = 100;
const differing = 10;

export async function* measure({ entries, tips }) {
  const two = `${counted(chains)} chains of ${counted(entries)} entries, ${differing} differ`;
  const { roundTrips, bytes } = await compareStores(entries);
  yield rowOf({
    name: `round trips, ${two}`,
    value: roundTrips,
    unit: '',
    target: { atMost: 2, of: 'value' },
  });
  yield rowOf({
    name: `said before data, ${two}`,
    value: bytes,
    unit: 'B',
    target: { atMost: 4096, of: 'value' },
  });

  const many = `${counted(tips)} chains, ${differing} differ`;
  const named = await compareNames(tips);
  yield rowOf({ name: `round trips, ${many}`, value: named.roundTrips, unit: '' });
  yield rowOf({ name: `said before data, ${many}`, value: named.bytes, unit: 'B' });
  yield rowOf({ name: `processor time of either side, ${many}`, value: named.cpuMs / 2, unit: 'ms' });
}

/** Two stores with one history, to which either side adds to some of the chains. */
async function compareStores(entries) {
  const authors = newAuthors(chains);
  const folders = [makeFolder(), makeFolder()];
  const stores = [];
  try {
    const genesis = newGenesis();
    let history;
    for (const folder of folders)
      stores.push(
        await openLoneStore(
          folder,
          (log, store) => {
            history ??= [...makeHistory({ store, authors, entries, perBundle: 256 })];
            return appendHistory(log, history);
          },
          genesis,
        ),
      );
    const [left, right] = stores.map(({ replica }) => replica);
    for (const [number, author] of authors.slice(0, differing).entries())
      await addTo(number % 2 === 0 ? left : right, author);
    return await talk(speakerOf(left), speakerOf(right));
  } finally {
    for (const { close } of stores) await close();
    for (const folder of folders) removeFolder(folder);
  }
}

/** Chains of which nothing but the tips is known, and how far either side has them. */
function compareNames(count) {
  const every = Math.floor((2 * count) / differing);
  const sides = [0, 1].map((side) =>
    Array.from({ length: count }, (_, author) => nameOf(author, author % every === side ? 2 : 1)),
  );
  return talk(...sides.map(namesSpeaker));
}

async function addTo(replica, author) {
  const tip = replica.tips().find((one) => Buffer.compare(one.author, author.nodeId) === 0);
  const [seq, prev] = tip ? [tip.seq + 1, tip.hash] : [1, replica.id];
  const hlc = tip ? replica.timeOf(tip) + 1n : 1n;
  const entry = { author: author.nodeId, seq, prev, hlc, deps: [], payload: random.bytes(100) };
  const hash = hashEntry(entry);
  const chain = {
    author: author.nodeId,
    firstSeq: seq,
    firstPrev: prev,
    signature: sign(author, 'chain', hash),
  };
  const bundle = { chains: [chain], chainOf: [0], entries: [entry], hashes: [hash] };
  await replica.receive(encodeBundle(bundle, 'full'), 'somebody');
}

/** One session to its end: what the initiator waited for, and what both said before the first bundle. */
async function talk(initiator, responder) {
  const cpu = process.cpuUsage();
  const sides = [initiator, responder].map((speaker, index) => ({
    ...speaker,
    session: new SyncSession({
      store: speaker.store,
      role: index === 0 ? 'initiator' : 'responder',
      nonce: random.bytes(16),
    }),
  }));
  const todo = [[sides[0], { kind: 'start' }]];
  let [bytes, isData, cpuMs] = [0, false, 0];
  for (let next = todo.shift(); next; next = todo.shift()) {
    const [side, input] = next;
    const other = side === sides[0] ? sides[1] : sides[0];
    for (const effect of side.session.step(input)) {
      if (effect.kind === 'admit') {
        const outcome = await side.admit(effect.bundle);
        todo.push([side, { kind: 'admitted', index: effect.index, outcome }]);
      }
      if (effect.kind !== 'send') continue;
      if (!isData && ['bundle', 'done'].includes(effect.message.body.case)) {
        isData = true;
        const { user, system } = process.cpuUsage(cpu);
        cpuMs = (user + system) / 1000;
      }
      if (!isData) bytes += encodeMessage(wire.SyncMessageSchema, effect.message).length;
      todo.push([other, { kind: 'message', message: effect.message }]);
    }
  }
  return { roundTrips: sides[0].session.stats.roundTrips, bytes, cpuMs };
}

function speakerOf(replica) {
  const store = {
    tips: () => replica.tips(),
    timeOf: (tip) => replica.timeOf(tip),
    digest: () => replica.digest(),
    knows: (entry) => replica.find(entry) !== undefined,
    samples: (of) => replica.samples(of),
    outgoing: (has, horizon) => replica.outgoing(has).bundles(horizon)[Symbol.iterator](),
    horizon: () => 1n << 62n,
  };
  const admit = async (bundle) => {
    const { kind, entries = 0 } = await replica.receive(bundle, 'somebody');
    return kind === 'needs-full' ? { kind } : { kind: 'taken', entries };
  };
  return { store, admit };
}

function namesSpeaker(names) {
  const tips = names.map(({ author, seq, hash }) => ({ author, seq, hash }));
  const times = new Map(names.map(({ hash, time }) => [hash, time]));
  const seqs = names.map(({ seq }) => seq);
  const digest = blake3(
    'tips',
    Buffer.concat(tips.map(({ hash }) => Buffer.from(hash)).sort((a, b) => Buffer.compare(a, b))),
  );
  const store = {
    tips: () => tips,
    timeOf: ({ hash }) => times.get(hash),
    digest: () => digest,
    knows: ({ author, seq }) => seq <= seqs[numberOf(author)],
    samples: (of) => [of],
    outgoing: () => [][Symbol.iterator](),
    horizon: () => 1n << 62n,
  };
  return { store, admit: async () => ({ kind: 'taken', entries: 0 }) };
}

/** The same on both sides. What was written last was so within the last minutes; the rest, within years. */
function nameOf(author, seq) {
  const name = Buffer.alloc(36);
  name.writeUInt32BE(author);
  name.writeUInt32BE(seq, 32);
  const hash = blake3('entry', name);
  const spreadMs = seq > 1 ? 1e5 : 1e11;
  const agoMs = Math.floor((Buffer.from(hash).readUInt32BE() / 2 ** 32) * spreadMs);
  return { author: name.subarray(0, 32), seq, hash, time: BigInt(1.8e12 - agoMs) << 16n };
}

function numberOf(author) {
  return Buffer.from(author.buffer, author.byteOffset).readUInt32BE();
}
