// A row of the benchmark's report, for people and for programs.

/**
 * `value` and, where something bounds it on this machine, `limit`, both in `unit`. `target` is what is wanted of their ratio, or
 * of the value where there is no limit or it says so: `{ atMost }` or `{ atLeast }`, with `of: 'value'`. Absent where nothing is
 * asked for.
 */
export function rowOf({ name, value, unit, limit, target, ...more }) {
  const ratio = limit === undefined ? null : rounded(value / limit);
  const compared = target?.of === 'value' || ratio === null ? value : ratio;
  return {
    name,
    value: rounded(value),
    unit,
    limit: limit === undefined ? null : rounded(limit),
    ratio,
    target: target ? (target.atMost ?? target.atLeast) : null,
    reached: target ? isReached(target, compared) : null,
    ...(target && { wanted: `${wanted(target)} ${compared === ratio ? 'of the limit' : unit}` }),
    ...more,
  };
}

/** A count as a row's name has it. */
export function counted(number) {
  return number.toLocaleString('en-US');
}

export function printRow(row) {
  process.stdout.write(`${JSON.stringify(row)}\n`);
  const { name, value, unit, limit, ratio, wanted: aim, reached } = row;
  const verdict = reached === null ? '' : `${aim}: ${reached ? 'reached' : 'MISSED'}`;
  const cells = [
    name.padEnd(52),
    `${shown(value)} ${unit}`.padStart(16),
    (limit === null ? '' : `limit ${shown(limit)}`).padStart(17),
    (ratio === null ? '' : `${ratio} x`).padStart(9),
  ];
  process.stderr.write(`${cells.join('')}  ${verdict}\n`);
}

function isReached({ atMost = Infinity, atLeast = -Infinity }, compared) {
  return compared <= atMost && compared >= atLeast;
}

function wanted({ atMost, atLeast }) {
  return atMost === undefined ? `at least ${shown(atLeast)}` : `at most ${shown(atMost)}`;
}

function shown(number) {
  return number.toLocaleString('en-US', { maximumFractionDigits: Math.abs(number) >= 1000 ? 0 : 2 });
}

/** To what a benchmark can tell apart: of small figures, more places. */
function rounded(number) {
  return Number(number.toPrecision(Math.abs(number) >= 1000 ? 5 : 3));
}
