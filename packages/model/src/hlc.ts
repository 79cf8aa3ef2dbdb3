import type { Brand } from './brand.js';

/**
 * A hybrid logical clock's value (Kulkarni et al., "Logical Physical Clocks", 2014) in one 64-bit number: Unix
 * milliseconds << 16, the low 16 bits a counter that carries over into the milliseconds.
 */
export type Hlc = bigint & Brand<'Hlc'>;

/** An entry's claimed `hlc` is below this; a *time*, being lifted above its ancestors', may pass it but stays a u64. */
export const hlcLimit = 1n << 63n;

const counterBits = 16n;
const counterMask = (1n << counterBits) - 1n;

export const hlcZero = 0n as Hlc;

/** The first value of that millisecond. */
export function hlcFromMs(ms: number): Hlc {
  return (BigInt(Math.max(0, Math.floor(ms))) << counterBits) as Hlc;
}

/** The last value of that millisecond: what "until this instant" compares against. */
export function hlcEndOfMs(ms: number): Hlc {
  return (hlcFromMs(ms) | counterMask) as Hlc;
}

/** Unix milliseconds. */
export function hlcToMs(hlc: Hlc): number {
  return Number(hlc >> counterBits);
}

export function hlcMax(a: Hlc, b: Hlc): Hlc {
  return a >= b ? a : b;
}

export function hlcNext(hlc: Hlc): Hlc {
  return (hlc + 1n) as Hlc;
}
