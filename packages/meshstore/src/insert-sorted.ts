/** Puts an item into a sorted list, behind its equals. Where it belongs at the end, as a rule, that costs one comparison. */
export function insertSorted<T>(list: T[], item: T, compare: (a: T, b: T) => number): void {
  const belongsBefore = (at: number): boolean => compare(item, list[at] as T) < 0;
  let [from, to] = [0, list.length];
  if (to === 0 || !belongsBefore(to - 1)) from = to;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (belongsBefore(middle)) to = middle;
    else from = middle + 1;
  }
  list.splice(from, 0, item);
}
