/** Between two steps, so many items are dealt with. */
export const itemsPerStep = 64;

/** Does work in one go that may be interrupted wherever it yields. */
export function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
