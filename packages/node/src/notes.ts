import { fromUtf8, utf8 } from '@lattice/model';
import type { OrderedKv, Table } from '@lattice/storage';

/** Short texts by name, kept across runs: a table of the node's hints. */
export class Notes {
  readonly #kv: OrderedKv;
  readonly #table: Table;

  constructor(kv: OrderedKv, table: string) {
    this.#kv = kv;
    this.#table = kv.table(table);
  }

  get(name: string): string | undefined {
    const bytes = this.#table.get(utf8(name));
    return bytes && fromUtf8(bytes);
  }

  *all(): Iterable<readonly [name: string, text: string]> {
    for (const [name, text] of this.#table.range()) yield [fromUtf8(name) ?? '', fromUtf8(text) ?? ''];
  }

  put(name: string, text: string): void {
    this.#kv.transaction(() => this.#table.put(utf8(name), utf8(text)));
  }

  remove(name: string): void {
    this.#kv.transaction(() => this.#table.remove(utf8(name)));
  }
}
