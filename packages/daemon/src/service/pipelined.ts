/**
 * Does the work for up to `widthMax` inputs at a time and yields the results in the order of the inputs, each as soon as
 * it is there. The first failure ends it, when the work that was begun has ended too.
 */
export async function* pipelined<In, Out>(
  inputs: AsyncIterable<In>,
  widthMax: number,
  work: (input: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const iterator = inputs[Symbol.asyncIterator]();
  const underWay: Promise<Out>[] = [];
  let coming: Promise<IteratorResult<In>> | undefined = handled(iterator.next());
  try {
    while (coming !== undefined || underWay.length > 0) {
      const first = await firstOf(underWay[0], underWay.length < widthMax ? coming : undefined);
      if (first.kind === 'result') {
        void underWay.shift();
        yield first.value;
        continue;
      }
      if (first.value.done === true) {
        coming = undefined;
        continue;
      }
      underWay.push(handled(work(first.value.value)));
      coming = handled(iterator.next());
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}

type First<In, Out> =
  | { readonly kind: 'result'; readonly value: Out }
  | { readonly kind: 'input'; readonly value: IteratorResult<In> };

function firstOf<In, Out>(
  result: Promise<Out> | undefined,
  input: Promise<IteratorResult<In>> | undefined,
): Promise<First<In, Out>> {
  const candidates: Promise<First<In, Out>>[] = [];
  if (result !== undefined) candidates.push(result.then((value) => ({ kind: 'result', value })));
  if (input !== undefined) candidates.push(input.then((value) => ({ kind: 'input', value })));
  return Promise.race(candidates);
}

/** A failure is looked at when its turn comes; until then it must not count as one that nobody looks at. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
