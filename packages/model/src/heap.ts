/** A binary heap: the least item first. (Williams, "Algorithm 232: Heapsort", 1964.) */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let place = items.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (this.#compare(item, items[above] as T) >= 0) break;
      items[place] = items[above] as T;
      place = above;
    }
    items[place] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return least;
    let place = 0;
    for (;;) {
      const below = this.#lesserChild(place);
      if (below === undefined || this.#compare(last, items[below] as T) <= 0) break;
      items[place] = items[below] as T;
      place = below;
    }
    items[place] = last;
    return least;
  }

  #lesserChild(place: number): number | undefined {
    const items = this.#items;
    const left = 2 * place + 1;
    if (left >= items.length) return undefined;
    const right = left + 1;
    return right < items.length && this.#compare(items[right] as T, items[left] as T) < 0 ? right : left;
  }
}
