import { fromUtf8, utf8 } from '@lattice/model';
import type { OrderedKv, Table } from '@lattice/storage';

export interface SelectedIds {
  /** UUIDs. */
  readonly mesh?: string;
  readonly store?: string;
}

/** Which mesh and store commands mean when they name none; kept across runs. */
export class Selection {
  readonly #kv: OrderedKv;
  readonly #table: Table;

  constructor(kv: OrderedKv) {
    this.#kv = kv;
    this.#table = kv.table('selection');
  }

  get ids(): SelectedIds {
    const mesh = this.#read('mesh');
    const store = this.#read('store');
    return { ...(mesh ? { mesh } : {}), ...(store ? { store } : {}) };
  }

  select(mesh: string, store: string | undefined): void {
    this.#kv.transaction(() => {
      this.#table.put(utf8('mesh'), utf8(mesh));
      if (store) this.#table.put(utf8('store'), utf8(store));
      else this.#table.remove(utf8('store'));
    });
  }

  clear(): void {
    this.#kv.transaction(() => {
      for (const name of ['mesh', 'store']) this.#table.remove(utf8(name));
    });
  }

  #read(name: string): string | undefined {
    const bytes = this.#table.get(utf8(name));
    return bytes && fromUtf8(bytes);
  }
}
