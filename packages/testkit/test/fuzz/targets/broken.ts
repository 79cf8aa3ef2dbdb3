import type { FuzzTarget } from '../target.js';

const samples = [new Uint8Array(8)];
const kept: unknown[] = [];

/** Decoders with each of the faults that are looked for. */
export const brokenTargets: readonly FuzzTarget[] = [
  {
    name: 'broken: throws what it does not declare',
    samples,
    decode: (bytes) => {
      if (bytes.length > 8) throw new RangeError('a defect');
      return 'accepted';
    },
  },
  {
    name: 'broken: hangs',
    samples,
    decode: () => {
      for (;;);
    },
  },
  {
    name: 'broken: makes room for what a length says',
    samples,
    decode: () => {
      const room = new Uint8Array(2 ** 24);
      return room.length > 0 ? 'accepted' : 'refused';
    },
  },
  {
    name: 'broken: fills the heap',
    samples,
    decode: () => {
      for (;;) kept.push(new Array<number>(1_000_000).fill(0.5));
    },
  },
];
