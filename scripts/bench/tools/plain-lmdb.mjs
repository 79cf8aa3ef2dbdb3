// LMDB by itself, opened as stores open it: the limit that most rows stand beside.
import { join } from 'node:path';
import { open } from 'lmdb';
import { makeFolder, removeFolder } from './folder.mjs';

const binary = { encoding: 'binary', keyEncoding: 'binary', cache: false };

export class PlainLmdb {
  #folder = makeFolder();
  #environment = open({
    ...binary,
    path: join(this.#folder, 'plain.db'),
    noSubdir: true,
    noSync: true,
    overlappingSync: false,
    mapSize: 1024 ** 3,
    pageSize: 4096,
    maxDbs: 4,
  });
  #table = this.#environment.openDB('plain', binary);

  /** One put each, unsynced, in one transaction. */
  putAll(pairs) {
    this.#environment.transactionSync(() => {
      for (const [key, value] of pairs) void this.#table.put(key, value);
    });
  }

  get(key) {
    return this.#table.get(key);
  }

  all() {
    return this.#table.getRange();
  }

  async close() {
    await this.#environment.close();
    removeFolder(this.#folder);
  }
}
