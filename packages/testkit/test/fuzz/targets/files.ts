import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex, utf8 } from '@lattice/model';
import { MemoryFiles } from '@lattice/storage';
import { openGuardedKv, SegmentLog } from '@lattice/storage-node';
import { checkLmdbFile, KvGuard } from '@lattice/storage-node/testing';
import { SeededRandom } from '@lattice/testkit';
import { type FuzzTarget, type Outcome, refusedAs } from '../target.js';

const header = { genesis: utf8('a genesis of some length'), salt: 0x1234_5678 };
const records = [1, 40, 300, 8, 1, 64].map((length, i) => new SeededRandom(i).bytes(length));
const segmentName = '0000000000000000.log';

/** What lies on the disk. The directory for what is read from files is the caller's to remove. */
export async function fileTargets(directory: string): Promise<readonly FuzzTarget[]> {
  const state = join(directory, 'fuzzed.db');
  const guard = join(directory, 'fuzzed.db-guard');
  return [
    { name: 'segment of a log', samples: [await segment()], share: 0.2, decode: readSegment },
    {
      name: 'state of LMDB',
      samples: await states(directory),
      share: 0.1,
      decode: (bytes) => {
        writeFileSync(state, bytes);
        const { kind } = checkLmdbFile(state, { pagesOfFilesUpTo: Infinity });
        assert.ok(kind === 'plausible' || kind === 'damaged', kind);
        return kind === 'plausible' ? 'accepted' : 'refused';
      },
    },
    {
      name: 'guard of an LMDB file',
      samples: ['clean 0 a run', 'opening 3 a run', 'open 5 8e1f'].map((text) =>
        utf8(`${text.padEnd(255)}\n`),
      ),
      share: 0.1,
      decode: async (bytes) => {
        writeFileSync(guard, bytes);
        const left = await new KvGuard(guard).read();
        if (left === undefined) return 'refused';
        assert.ok(['clean', 'opening', 'open'].includes(left.phase) && left.unclosed >= 0);
        return 'accepted';
      },
    },
  ];
}

/** A few records, some appended together. */
async function segment(): Promise<Uint8Array> {
  const files = new MemoryFiles();
  const log = await SegmentLog.create(files, header);
  await log.append(records.slice(0, 3));
  await log.append(records.slice(3));
  const bytes = new Uint8Array(log.end);
  await log[Symbol.asyncDispose]();
  files.open(segmentName).read(bytes, 0);
  return bytes;
}

const written = new Set(records.map(toHex));

/**
 * Whatever it holds: it is opened or refused; what is read was written once; all of it up to the end is told of, as
 * records or as damage; and what is appended then is there when it is opened again.
 */
async function readSegment(bytes: Uint8Array): Promise<Outcome> {
  const files = new MemoryFiles();
  await files.open(segmentName, { create: true }).write(bytes, 0);
  const appended = utf8('appended');
  try {
    await using log = await SegmentLog.open(files);
    assertTold(log);
    await log.append([appended]);
  } catch (error) {
    return refusedAs(error, 'store-damaged', 'data-dir-newer');
  }
  await using log = await SegmentLog.open(files);
  const found = [...log.scan(0)].at(-1);
  assert.ok(found?.kind === 'record');
  assert.deepEqual(found.record, appended);
  return 'accepted';
}

function assertTold(log: SegmentLog): void {
  let place: number | undefined;
  for (const item of log.scan(0)) {
    if (place !== undefined) assert.equal(item.offset, place);
    place = item.next;
    if (item.kind === 'damaged') continue;
    assert.ok(written.has(toHex(item.record)), 'nothing is made up');
    assert.deepEqual(log.read(item.offset), item.record);
  }
  if (place !== undefined) assert.equal(place, log.end);
}

/** One with a tree, tables and a large value in it, and one that is as good as empty. */
async function states(directory: string): Promise<readonly Uint8Array[]> {
  const made: Uint8Array[] = [];
  for (const keys of [0, 60]) {
    const own = await mkdtemp(join(directory, 'state-'));
    const path = join(own, 'state.db');
    const { kv } = await openGuardedKv(path, { durable: false, bootId: 'a run' });
    const tables = ['one', 'two'].map((name) => kv.table(name));
    kv.transaction(() => {
      for (let i = 0; i < keys; i++)
        for (const table of tables) table.put(utf8(`key ${i}`), new Uint8Array(i === 7 ? 9_000 : 80).fill(i));
    });
    await kv[Symbol.asyncDispose]();
    made.push(readFileSync(path));
  }
  return made;
}

export function makeDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'lattice-fuzz-'));
}
