import type { LocalRef } from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';
import type { OrderedKv, Table } from '@lattice/storage';
import { utf8 } from '@lattice/model';

/** How far into the log the state reaches. */
export interface Cursor {
  /** Where the next record begins that is not in it yet. */
  readonly offset: number;
  readonly nextRef: LocalRef;
}

/** Which layout the state has, that of the machines' part included; another one is discarded and computed anew. */
export const layoutVersion = 6;

/** See `LoggedUpTo`. */
export function loggedUpTo(state: OrderedKv): number {
  const meta = new MetaTable(state.table('meta'));
  return meta.number('layout') === layoutVersion ? meta.cursor.offset : 0;
}

/** The few single values that the state keeps beside its tables. */
export class MetaTable {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  get cursor(): Cursor {
    const bytes = this.#table.get(keyOf('cursor'));
    if (!bytes) return { offset: 0, nextRef: 0 as LocalRef };
    const reader = new ByteReader(bytes);
    return { offset: reader.varint(), nextRef: reader.varint() as LocalRef };
  }

  set cursor(cursor: Cursor) {
    this.#table.put(keyOf('cursor'), writer.reset().varint(cursor.offset).varint(cursor.nextRef).finish());
  }

  number(name: MetaNumber): number | undefined {
    const bytes = this.#table.get(keyOf(name));
    return bytes && new ByteReader(bytes).varint();
  }

  setNumber(name: MetaNumber, value: number): void {
    this.#table.put(keyOf(name), writer.reset().varint(value).finish());
  }

  increment(name: MetaNumber): void {
    this.setNumber(name, (this.number(name) ?? 0) + 1);
  }

  remove(name: MetaNumber): void {
    this.#table.remove(keyOf(name));
  }
}

export type MetaNumber =
  /** Which layout of this state. */
  | 'layout'
  /** The chain that this node writes. */
  | 'own-chain'
  /** How many entries the last checkpoint has, at least. */
  | 'checkpoint'
  /** Which table of the machine's state is in use. */
  | 'generation'
  /** Which table is one in the making, or one whose place another took: found on opening, it is dropped. */
  | 'other-generation'
  /** The machine's version that wrote it. */
  | 'machine-version'
  /** Present while entries are to be, or being, counted anew: found on opening, it is begun again. */
  | 'recounting'
  /** Entries whose payload was not decodable, and entries of a newer version. */
  | 'invalid'
  | 'needs-upgrade';

const writer = new ByteWriter(16);
const keys = new Map<string, Uint8Array>();

/** Encoding text costs microseconds, and the cursor moves with each commit. */
function keyOf(name: MetaNumber | 'cursor'): Uint8Array {
  const known = keys.get(name);
  if (known) return known;
  const key = utf8(name);
  keys.set(name, key);
  return key;
}
