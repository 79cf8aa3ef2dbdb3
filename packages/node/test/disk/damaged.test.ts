import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SeededRandom } from '@lattice/testkit';
import { NodeProcess } from './child.js';

const isLong = process.env['LATTICE_LONG'] === '1';
const seed = Number(process.env['LATTICE_SEED'] ?? randomInt(2 ** 31));
const random = new SeededRandom(seed);
const pageBytes = 4096;

const home = fs.mkdtempSync(join(tmpdir(), 'lattice-damaged-'));
after(() => fs.rmSync(home, { recursive: true, force: true }));

/** A node's directory as it was closed, as it was before that, and as a killed process left it. */
const closed = place('closed');
const killed = place('killed');
const older = place('older');
await NodeProcess.run({ kind: 'write', directory: join(older, 'data'), batches: 15 });
fs.cpSync(older, closed, { recursive: true });
await NodeProcess.run({ kind: 'write', directory: join(closed, 'data'), batches: 45 });
fs.cpSync(closed, killed, { recursive: true });
{
  await using child = new NodeProcess({ kind: 'write', directory: join(killed, 'data') });
  await child.checked;
}

/** What can be made anew: each of them, from the directory. */
const files = [
  'meta.db',
  ...fs.readdirSync(join(closed, 'data', 'stores')).map((uuid) => `stores/${uuid}/state.db`),
];

type Damage = (path: string, before: Uint8Array, file: string) => void;

const damages: Readonly<Record<string, Damage>> = {
  'is missing': (path) => fs.rmSync(path),
  'is missing with its guard': (path) => {
    fs.rmSync(path);
    fs.rmSync(`${path}-guard`);
  },
  'is an older copy': (path, _, file) => fs.copyFileSync(join(older, 'data', file), path),
  'is an older copy, guard and all': (path, _, file) => {
    for (const end of ['', '-guard']) fs.copyFileSync(join(older, 'data', file + end), path + end);
  },
  'is of random bytes': (path) => fs.writeFileSync(path, random.bytes(random.below(100_000))),
};

const pageDamages: Readonly<Record<string, (path: string, before: Uint8Array, page: number) => void>> = {
  cut: (path, _, page) => fs.truncateSync(path, page * pageBytes),
  zeroed: (path, before, page) => overwrite(path, before, page, new Uint8Array(pageBytes)),
  random: (path, before, page) => overwrite(path, before, page, random.bytes(pageBytes)),
};

for (const file of files) {
  for (const [from, source] of [
    ['closed', closed],
    ['killed', killed],
  ] as const) {
    // Each case takes a process: a few of them each time, all in long runs.
    for (const [what, damage] of Object.entries(damages)) {
      if (!isLong && random.below(8) > 0) continue;
      test(`${nameOf(file)} of a node that was ${from} ${what}: nothing is lost (seed ${seed})`, () =>
        drill(source, file, damage));
    }
    const pages = Math.ceil(fs.statSync(join(source, 'data', file)).size / pageBytes);
    const picked = Array.from({ length: pages }, (_, page) => page);
    for (const page of isLong ? picked : from === 'killed' ? [random.pick(picked)] : [])
      test(`${nameOf(file)} of a node that was ${from} is cut off at page ${page}, or that page is damaged: nothing is lost (seed ${seed})`, async () => {
        const damaged = isLong ? Object.values(pageDamages) : [random.pick(Object.values(pageDamages))];
        for (const damage of damaged) await drill(source, file, (path, before) => damage(path, before, page));
      });
  }
}

/** At most one crash: what crashes the process is discarded when it is opened next. */
async function drill(source: string, file: string, damage: Damage): Promise<void> {
  const target = fs.mkdtempSync(join(home, 'drill-'));
  fs.cpSync(source, target, { recursive: true });
  const directory = join(target, 'data');
  const path = join(directory, file);
  damage(path, fs.readFileSync(path), file);
  const first = await NodeProcess.run({ kind: 'drill', directory });
  const end = first.signal === null ? first : await NodeProcess.run({ kind: 'drill', directory });
  assert.equal(end.code, 0, `seed ${seed}: ${end.signal} ${end.stderr}`);
  // A drill does its damage to a copy, which a node notices.
  const repairs = end.reports[1]?.repairs.filter(
    (repair) => !repair.startsWith('This data directory was copied'),
  );
  assert.deepEqual(repairs, [], 'what was made anew is not damaged');
  fs.rmSync(target, { recursive: true });
}

function overwrite(path: string, before: Uint8Array, page: number, bytes: Uint8Array): void {
  const copy = before.slice();
  copy.set(bytes.subarray(0, copy.length - page * pageBytes), page * pageBytes);
  fs.writeFileSync(path, copy);
}

function nameOf(file: string): string {
  return file.replace(/[0-9a-f-]{36}/, (uuid) => uuid.slice(0, 4));
}

function place(name: string): string {
  const path = join(home, name);
  fs.mkdirSync(path);
  return path;
}
