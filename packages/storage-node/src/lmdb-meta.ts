/**
 * The layout of LMDB's meta pages: `MDB_page_header` and `MDB_meta` of the fork of LMDB 0.9.90 in the package `lmdb`
 * (liblmdb/mdb.c), in the machine's byte order, which is little-endian wherever that package runs.
 */
export interface LmdbMeta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  /** The trees of free pages and of tables. */
  readonly trees: readonly [free: LmdbTree, tables: LmdbTree];
}

/** `MDB_db`. */
export interface LmdbTree {
  readonly depth: number;
  readonly root: bigint;
}

export const pageHeaderBytes = 24;
/** Of the header and what follows it. */
export const metaBytes = 168;

const magic = 0xbeefc0de;
const dataVersion = 2;
const at = { magic: 24, version: 28, trees: [48, 96], lastPage: 144, transaction: 152 } as const;

/** Reads what lies at the beginning of a meta page, or says why it is none. */
export function decodeMeta(page: DataView): LmdbMeta | string {
  if (page.byteLength < metaBytes) return 'it is cut off';
  if (page.getUint32(at.magic, true) !== magic) return 'it has no magic number';
  if ((page.getUint32(at.version, true) & 0xffff) !== dataVersion) return 'it is of another version';
  const pageSize = page.getUint32(at.trees[0], true);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return 'it has no page size';
  return {
    pageSize,
    lastPage: Number(page.getBigUint64(at.lastPage, true)),
    transaction: page.getBigUint64(at.transaction, true),
    trees: [decodeTree(page, at.trees[0]), decodeTree(page, at.trees[1])],
  };
}

/** The first field of a tree's description is of use in the tree of free pages alone, where it is the page size. */
export function decodeTree(bytes: DataView, position: number): LmdbTree {
  return { depth: bytes.getUint16(position + 6, true), root: bytes.getBigUint64(position + 40, true) };
}

export const treeBytes = 48;
