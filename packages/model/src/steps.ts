/** Long work that can be interrupted wherever it yields, so that whoever has it done keeps nobody waiting. */
export type Steps<T> = Generator<void, T>;

/** Does the work in one go. */
export function allAtOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Between two steps, so many things may be done that take about a microsecond each. */
const thingsPerStep = 64;

/** Does something that takes about a microsecond for each item, in steps. */
export function* eachInSteps<T>(items: Iterable<T>, act: (item: T, index: number) => void): Steps<void> {
  let done = 0;
  for (const item of items) {
    act(item, done);
    if (++done % thingsPerStep === 0) yield;
  }
}

/** The same for what comes of each. */
export function* mapInSteps<T, U>(items: Iterable<T>, map: (item: T, index: number) => U): Steps<U[]> {
  const mapped: U[] = [];
  yield* eachInSteps(items, (item, index) => mapped.push(map(item, index)));
  return mapped;
}

/** Sorts a copy, in steps: short stretches, then merged. Equal items keep their order. */
export function* sorting<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<readonly T[]> {
  let from: T[] = [];
  for (let at = 0; at < items.length; at += thingsPerStep) {
    for (const item of items.slice(at, at + thingsPerStep).sort(compare)) from.push(item);
    yield;
  }
  for (let length = thingsPerStep; length < from.length; length *= 2) {
    const into: T[] = [];
    for (let at = 0; at < from.length; at += 2 * length)
      yield* merging(from, at, Math.min(at + length, from.length), at + 2 * length, compare, into);
    from = into;
  }
  return from;
}

/** Appends the merger of two sorted stretches that lie beside each other. */
function* merging<T>(
  from: readonly T[],
  first: number,
  middle: number,
  end: number,
  compare: (a: T, b: T) => number,
  into: T[],
): Steps<void> {
  let [left, right] = [first, middle];
  const last = Math.min(end, from.length);
  while (left < middle || right < last) {
    const isLeft = right === last || (left < middle && compare(from[left] as T, from[right] as T) <= 0);
    into.push(from[isLeft ? left++ : right++] as T);
    if (into.length % thingsPerStep === 0) yield;
  }
}
