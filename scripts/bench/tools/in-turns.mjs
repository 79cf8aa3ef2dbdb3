// Figures that can be compared although the machine is busy with other things too.

/**
 * Has them take turns: each is a function that does some work and resolves with a figure. Returns the medians, by name. A
 * round before the first warms up and does not count; a single round shows no more than that it runs, and needs none. Who goes
 * first changes from round to round.
 */
export async function inTurns(rounds, contestants) {
  const names = Object.keys(contestants);
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = rounds > 1 ? 0 : 1; round <= rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const figure = await contestants[name]();
      if (round > 0) figures[name].push(figure);
    }
  }
  return Object.fromEntries(names.map((name) => [name, quantile(figures[name], 0.5)]));
}

/** How long the work takes: milliseconds. */
export async function timeMs(work) {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}

/** How many a second, where `work` does `count`. */
export async function perSecond(count, work) {
  return (count * 1000) / (await timeMs(work));
}

export function quantile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * part)];
}
