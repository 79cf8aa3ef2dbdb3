import type { Spread, World } from './world.js';

export interface Quality {
  /** The mean share of living nodes that a broadcast reached, and the least. */
  readonly reliability: number;
  readonly leastReliability: number;
  /** Over how many links the last node got it: mean. */
  readonly lastHop: number;
  /** Relative message redundancy, m / (n - 1) - 1: how many payloads beyond one for each receiver. */
  readonly redundancy: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Round {
  readonly broadcasts: number;
  /** How much time passes after each. */
  readonly everyMs: number;
  readonly how?: 'broadcast' | 'flood';
  /** All from one node, or each from another at random. */
  readonly from?: 'one' | 'any';
}

export function measure(
  world: World,
  { broadcasts, everyMs, how = 'broadcast', from = 'any' }: Round,
): Quality {
  const one = world.pickAlive();
  const spreads: Spread[] = [];
  for (let i = 0; i < broadcasts; i++) {
    spreads.push(world[how](from === 'one' ? one : world.pickAlive()));
    world.run(everyMs);
  }
  return qualityOf(spreads, world.alive().length);
}

function qualityOf(spreads: readonly Spread[], living: number): Quality {
  const shares = spreads.map(({ atMs }) => atMs.size / living);
  const delays = spreads.flatMap(({ fromMs, atMs }) => [...atMs.values()].map((ms) => ms - fromMs));
  delays.sort((a, b) => a - b);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? 0;
  return {
    reliability: mean(shares),
    leastReliability: Math.min(...shares),
    lastHop: mean(spreads.map(({ hops }) => [...hops.values()].reduce((a, b) => Math.max(a, b), 0))),
    redundancy: mean(
      spreads.filter(({ atMs }) => atMs.size > 1).map(({ pushes, atMs }) => pushes / (atMs.size - 1) - 1),
    ),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
