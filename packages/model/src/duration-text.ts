const units = [
  ['day', 24 * 60 * 60 * 1_000],
  ['h', 60 * 60 * 1_000],
  ['min', 60 * 1_000],
] as const;

/** A duration for people, in its largest unit and rounded down: "12 s", "3 min", "2 h", "1 day", "5 days". */
export function durationText(ms: number): string {
  const [unit, unitMs] = units.find(([, each]) => ms >= each) ?? (['s', 1_000] as const);
  const count = Math.floor(Math.max(0, ms) / unitMs);
  return `${count.toLocaleString('en')} ${unit === 'day' && count !== 1 ? 'days' : unit}`;
}
