import { type Log, type LogItem, recordBytesMax } from '@lattice/storage';
import { expectRefused, expectSame } from './expectations.js';
import { behavesAsAnArray } from './log-property.js';
import { casesOver, type StorageCase, type StorageRig } from './storage-case.js';

/** What every `Log` does. */
export function logSuite(openRig: () => Promise<StorageRig<Log>>): readonly StorageCase[] {
  return casesOver(openRig, {
    'a new log is empty': async (rig) => {
      await using log = await rig.open();
      expectSame([...log.scan(0)], [], 'what it holds');
      expectSame(await log.append([]), [], 'the offsets of nothing appended');
    },

    'records are read back one by one and in order': async (rig) => {
      await using log = await rig.open();
      const first = await log.append([record(1, 10)]);
      const more = await log.append([record(2, 200), record(3, 7)]);
      expectSame(log.read(first[0] ?? 0), record(1, 10), 'the first');
      expectSame(log.read(more[1] ?? 0), record(3, 7), 'the third');
      expectSame(
        [...log.scan(0)].map(recordOf),
        [record(1, 10), record(2, 200), record(3, 7)],
        'all of them',
      );
    },

    'each item names the one that follows it, the last the end of the log': async (rig) => {
      await using log = await rig.open();
      const began = log.end;
      const offsets = [
        ...(await log.append([record(1, 10)])),
        ...(await log.append([record(2, 20), record(3, 30)])),
      ];
      const items = [...log.scan(0)];
      expectSame(offsets[0], began, 'the first offset');
      expectSame(
        items.map(({ offset }) => offset),
        offsets,
        'the offsets',
      );
      expectSame(
        items.map(({ next }) => next),
        [...offsets.slice(1), log.end],
        'what follows each',
      );
    },

    'a scan begins where it is told and ends where the log did': async (rig) => {
      await using log = await rig.open();
      const offsets = await log.append([record(1, 10), record(2, 20), record(3, 30)]);
      expectSame(
        [...log.scan(offsets[1] ?? 0)].map(recordOf),
        [record(2, 20), record(3, 30)],
        'from the second on',
      );
      expectSame([...log.scan(log.end)], [], 'from the end on');
      const seen: Uint8Array[] = [];
      for (const item of log.scan(0)) {
        seen.push(recordOf(item));
        if (seen.length === 1) await log.append([record(4, 40)]);
      }
      expectSame(seen.length, 3, 'how many records a scan sees that began before the fourth');
    },

    'all of it is there when it is opened again, at the same offsets': async (rig) => {
      let before: readonly LogItem[];
      {
        await using log = await rig.open();
        await log.append([record(1, 10), record(2, 5000)]);
        await log.append([record(3, 1)]);
        before = [...log.scan(0)];
      }
      await using log = await rig.open();
      expectSame([...log.scan(0)], before, 'what it holds');
      const offsets = await log.append([record(4, 4)]);
      expectSame(offsets, [before.at(-1)?.next], 'where it goes on');
    },

    'scans pass over what was mended, and nothing else is elsewhere': async (rig) => {
      let items: readonly LogItem[];
      {
        await using log = await rig.open();
        const [, second = 0] = await log.append([record(1, 10), record(2, 300), record(3, 30)]);
        items = [...log.scan(0)];
        const stretch = items.find(({ offset }) => offset === second);
        if (stretch === undefined) throw new Error('the second record is in the log');
        for (let time = 0; time < 2; time++) await log.mend(stretch);
        items = items.filter((item) => item !== stretch);
        expectSame([...log.scan(0)], items, 'what a scan finds');
        expectSame([...log.scan(second)], items.slice(1), 'what a scan finds that begins there');
        await expectRefused(() => log.read(second), 'reading it', 'log-damaged');
      }
      await using log = await rig.open();
      expectSame([...log.scan(0)], items, 'what it holds');
      expectSame(await log.append([record(4, 4)]), [items.at(-1)?.next], 'where it goes on');
    },

    'bytes are copied in and out': async (rig) => {
      await using log = await rig.open();
      const bytes = record(1, 10);
      const appending = log.append([bytes]);
      const [offset = 0] = await appending;
      bytes.fill(9);
      log.read(offset).fill(8);
      for (const item of log.scan(0)) recordOf(item).fill(7);
      expectSame(log.read(offset), record(1, 10), 'the record');
    },

    'memory that is given to read into changes nothing about what is read': async (rig) => {
      const records = [1, 4083, 4084, 4085, 9_000, 69_990, 70_000, 300_000].map((size) => record(5, size));
      await using log = await rig.open();
      const offsets = await log.append(records);
      const memory = new Uint8Array(70_000);
      for (const [i, offset] of offsets.entries()) {
        expectSame(sameBytes(log.read(offset, memory), records[i]), true, `record ${i}`);
        memory.fill(i);
      }
    },

    'records of all sizes, of zeros too': async (rig) => {
      const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 4083, 4084, 4085, 65_536, 300_000, recordBytesMax];
      const records = sizes.flatMap((size) => [new Uint8Array(size), record(255, size)]);
      await using log = await rig.open();
      const offsets = await log.append(records);
      expectSame(
        offsets.every((offset, i) => sameBytes(log.read(offset), records[i])),
        true,
        'they are read back',
      );
      const scanned = [...log.scan(0)].map(recordOf);
      expectSame(
        scanned.length === records.length && scanned.every((bytes, i) => sameBytes(bytes, records[i])),
        true,
        'scan',
      );
    },

    'records that are empty or too large are refused': async (rig) => {
      await using log = await rig.open();
      await expectRefused(() => log.append([new Uint8Array(0)]), 'an empty record');
      await expectRefused(
        () => log.append([record(1, 1), new Uint8Array(recordBytesMax + 1)]),
        'a large record',
      );
      await log.append([record(2, 2)]);
      expectSame([...log.scan(0)].map(recordOf), [record(2, 2)], 'what it holds');
    },

    'one append at a time': async (rig) => {
      await using log = await rig.open();
      const first = log.append([record(1, 1)]);
      await expectRefused(() => log.append([record(2, 2)]), 'a second one meanwhile');
      await first;
      expectSame([...log.scan(0)].map(recordOf), [record(1, 1)], 'what it holds');
    },

    'where no record begins there is none': async (rig) => {
      await using log = await rig.open();
      const [offset = 0] = await log.append([record(1, 100)]);
      for (const place of [0, offset + 1, offset + 8, log.end, log.end + 8, offset + 2 ** 40]) {
        await expectRefused(() => log.read(place), `reading at ${place}`, 'log-damaged');
      }
    },

    'closing twice is as good as once, and then it is of no more use': async (rig) => {
      const log = await rig.open();
      const [offset = 0] = await log.append([record(1, 100)]);
      await log[Symbol.asyncDispose]();
      await log[Symbol.asyncDispose]();
      await expectRefused(() => log.read(offset), 'reading');
      await expectRefused(() => log.append([record(1, 1)]), 'appending');
      await expectRefused(() => [...log.scan(0)], 'scanning');
    },

    'whatever is appended, and whenever it is opened again, it is as an array would be': behavesAsAnArray,
  });
}

function record(byte: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

function recordOf(item: LogItem): Uint8Array {
  if (item.kind === 'record') return item.record;
  throw new Error(`the log is damaged at ${item.offset}`);
}

/** For large ones: they make long texts. */
function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return a.length === b?.length && a.every((byte, i) => byte === b[i]);
}
