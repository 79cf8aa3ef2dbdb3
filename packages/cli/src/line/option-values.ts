import { usageError } from '../usage-error.js';

/** A number of things, from 1 on; `undefined` where the option was not given. Throws a usage error for all else. */
export function countOf(option: string, typed: string | undefined): number | undefined {
  if (typed === undefined) return undefined;
  const count = /^[0-9]+$/.test(typed) ? Number(typed) : Number.NaN;
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw usageError(`--${option} is "${typed}": give a whole number from 1 on, such as --${option} 20.`);
}

const unitsMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const durationMaxMs = 3_650 * 86_400_000;

/** "90s", "30m", "12h" or "7d" in milliseconds; `undefined` where the option was not given. Throws a usage error for all else. */
export function durationMsOf(option: string, typed: string | undefined): number | undefined {
  if (typed === undefined) return undefined;
  const [, amount, unit = ''] = /^([0-9]+)([smhd])$/.exec(typed) ?? [];
  const ms = Number(amount) * (unitsMs[unit] ?? Number.NaN);
  if (ms > 0 && ms <= durationMaxMs) return ms;
  throw usageError(`--${option} is "${typed}": give a time of up to ten years, such as 90s, 30m, 12h or 7d.`);
}
