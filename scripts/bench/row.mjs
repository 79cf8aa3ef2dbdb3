// A row of the benchmark's report, for people and for programs.

/**
 * `value` and `limit` in `unit`; `target` is the greatest `ratio` of the two that is wanted, absent where nothing is
 * asked for.
 */
export function rowOf({ name, value, unit, limit, target, ...more }) {
  const ratio = rounded(value / limit);
  const reached = target === undefined ? undefined : ratio <= target;
  return { name, value: rounded(value), unit, limit: rounded(limit), ratio, target, reached, ...more };
}

export function printRow(row) {
  process.stdout.write(`${JSON.stringify(row)}\n`);
  const { name, value, unit, limit, ratio, target, reached } = row;
  const verdict = target === undefined ? '' : `at most ${target}: ${reached ? 'reached' : 'MISSED'}`;
  const cells = [name.padEnd(40), `${value} ${unit}`.padStart(12), `limit ${limit}`.padStart(14)];
  process.stderr.write(`${cells.join('')}${`${ratio} x`.padStart(9)}  ${verdict}\n`);
}

function rounded(number) {
  return Math.round(number * 100) / 100;
}
