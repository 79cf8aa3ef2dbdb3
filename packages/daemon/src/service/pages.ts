const pageItemsMax = 1_000;
/** A page ends with the item that passes this. */
const pageBytes = 256 * 1024;

/** Puts items together that are worth a message. Where they end by an error, what came before it is given out first. */
export function* inPages<Item>(
  items: Iterable<Item>,
  bytesOf: (item: Item) => number,
): Generator<readonly Item[]> {
  let page: Item[] = [];
  let bytes = 0;
  try {
    for (const item of items) {
      page.push(item);
      bytes += bytesOf(item);
      if (bytes < pageBytes && page.length < pageItemsMax) continue;
      yield page;
      page = [];
      bytes = 0;
    }
  } catch (error) {
    if (page.length > 0) yield page;
    throw error;
  }
  if (page.length > 0) yield page;
}
