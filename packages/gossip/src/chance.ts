import type { Random } from '@lattice/model';

/** A whole number from 0 to `limit` - 1. (The bias is one in 2^32 / `limit`: of no account for a choice of peers.) */
export function below(random: Random, limit: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return ((((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % limit) | 0;
}

export function pick<T>(random: Random, items: readonly T[]): T | undefined {
  return items.length === 0 ? undefined : items[below(random, items.length)];
}

/** So many of the items as there are, up to `count`, in random order. (The beginning of a Fisher-Yates shuffle.) */
export function sample<T>(random: Random, items: Iterable<T>, count: number): T[] {
  const all = [...items];
  const taken = Math.min(count, all.length);
  for (let i = 0; i < taken; i++) {
    const from = i + below(random, all.length - i);
    [all[i], all[from]] = [all[from] as T, all[i] as T];
  }
  return all.slice(0, taken);
}
