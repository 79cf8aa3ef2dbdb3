/** The candidate that was probably meant: the one with the fewest mistyped characters, unless those are too many. */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  const mistakesMax = Math.max(1, Math.floor(typed.length / 3));
  let best: string | undefined;
  let fewest = mistakesMax + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - typed.length) >= fewest) continue;
    const mistakes = distance(typed, candidate);
    if (mistakes < fewest) [best, fewest] = [candidate, mistakes];
  }
  return best;
}

/** Characters to add, drop, change or swap with their neighbour (the optimal string alignment distance). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let mistakes = Math.min(changed, at(last, j) + 1, at(row, j - 1) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) mistakes = Math.min(mistakes, at(beforeLast, j - 2) + 1);
      row.push(mistakes);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
