import fs from 'node:fs';
import { decodeTree, type LmdbMeta, type LmdbTree, pageHeaderBytes, treeBytes } from './lmdb-meta.js';
import { isWhole } from './sealed-value.js';

/** `MDB_page` and `MDB_node`: flags, and where things are. */
const branch = 0x01;
const leaf = 0x02;
const overflow = 0x04;
const kindMask = 0x6f;
const atPage = { number: 0, flags: 18, lower: 20, upper: 22, overflowPages: 20 } as const;
const nodeHeaderBytes = 8;
const bigData = 0x01;
const subTree = 0x02;
const noRoot = 0xffff_ffff_ffff_ffffn;
const depthMax = 32;

/**
 * Follows all that LMDB might follow from one meta page: each page is what its parent says, is reached once, and keeps its
 * nodes within itself; and large values have the checksum that `sealed` gave them. Returns what is wrong, if anything. It does
 * not tell whether keys and small values are those that were written, nor which pages are free: LMDB has no checksums.
 */
export function checkLmdbPages(file: number, meta: LmdbMeta): string | undefined {
  const pages = new PageReader(file, meta);
  try {
    const [free, tables] = meta.trees;
    walkTree(pages, free);
    pages.valuesAreSealed = true;
    walkTree(pages, tables);
    return undefined;
  } catch (error) {
    if (error instanceof PageProblem) return error.message;
    throw error;
  }
}

class PageProblem extends Error {}

function walkTree(pages: PageReader, { root, depth }: LmdbTree): void {
  if (root === noRoot) return;
  if (depth < 1 || depth > depthMax) throw new PageProblem('a tree has no depth');
  walkPage(pages, root, depth);
}

/** `height` 1 is that of leaves. */
function walkPage(pages: PageReader, number: bigint, height: number): void {
  const page = pages.read(number);
  const where = `page ${number}`;
  if ((page.getUint16(atPage.flags, true) & kindMask) !== (height > 1 ? branch : leaf)) {
    throw new PageProblem(`${where} is of the wrong kind`);
  }
  const room = page.byteLength - pageHeaderBytes;
  const lower = page.getUint16(atPage.lower, true);
  const upper = page.getUint16(atPage.upper, true);
  if (lower > upper || upper > room || lower % 2 !== 0 || lower === 0)
    throw new PageProblem(`${where} is out of bounds`);
  const below: (() => void)[] = [];
  for (let i = 0; i < lower; i += 2) {
    const node = pageHeaderBytes + page.getUint16(pageHeaderBytes + i, true);
    if (node < pageHeaderBytes + upper || node + nodeHeaderBytes > page.byteLength) {
      throw new PageProblem(`${where} has a node out of bounds`);
    }
    const end =
      height > 1
        ? visitBranchNode(pages, page, node, height, below)
        : visitLeafNode(pages, page, node, below);
    if (end > page.byteLength) throw new PageProblem(`${where} has a node that is too long`);
  }
  // Only now, as the reader's one buffer is used again by then.
  for (const visit of below) visit();
}

/** Returns where the node ends. */
function visitBranchNode(
  pages: PageReader,
  page: DataView,
  node: number,
  height: number,
  below: (() => void)[],
): number {
  const child = BigInt(page.getUint32(node, true)) | (BigInt(page.getUint16(node + 4, true)) << 32n);
  below.push(() => walkPage(pages, child, height - 1));
  return node + nodeHeaderBytes + page.getUint16(node + 6, true);
}

/** Returns where the node ends. */
function visitLeafNode(pages: PageReader, page: DataView, node: number, below: (() => void)[]): number {
  const flags = page.getUint16(node + 4, true);
  const data = node + nodeHeaderBytes + page.getUint16(node + 6, true);
  const size = page.getUint32(node, true);
  if (flags === 0) return data + size;
  if (flags === bigData && data + 24 <= page.byteLength) {
    const number = page.getBigUint64(data, true);
    below.push(() => pages.checkOverflow(number, size));
    return data + 24;
  }
  if (flags === subTree && size === treeBytes && data + size <= page.byteLength) {
    const tree = decodeTree(page, data);
    below.push(() => walkTree(pages, tree));
    return data + size;
  }
  throw new PageProblem('a node is of no known kind');
}

class PageReader {
  /** Not those that LMDB itself writes: its lists of free pages. */
  valuesAreSealed = false;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #visited: Uint8Array;

  constructor(
    private readonly file: number,
    private readonly meta: LmdbMeta,
  ) {
    this.#bytes = new Uint8Array(meta.pageSize);
    this.#view = new DataView(this.#bytes.buffer);
    this.#visited = new Uint8Array(meta.lastPage + 1);
  }

  /** Valid until the next page is read. */
  read(number: bigint): DataView {
    this.#visit(number, 1);
    const page = Number(number);
    const length = fs.readSync(this.file, this.#bytes, 0, this.meta.pageSize, page * this.meta.pageSize);
    if (length < this.meta.pageSize) throw new PageProblem(`page ${page} is cut off`);
    if (this.#view.getBigUint64(atPage.number, true) !== number)
      throw new PageProblem(`page ${page} is another`);
    return this.#view;
  }

  checkOverflow(number: bigint, size: number): void {
    const page = this.read(number);
    const count = page.getUint32(atPage.overflowPages, true);
    const isEnough = pageHeaderBytes + size <= count * this.meta.pageSize;
    if ((page.getUint16(atPage.flags, true) & kindMask) !== overflow || !isEnough) {
      throw new PageProblem(`page ${number} holds no large value`);
    }
    this.#visit(number + 1n, count - 1);
    if (this.valuesAreSealed && count > 1 && !isWhole(this.#value(number, size)))
      throw new PageProblem('a large value is damaged');
  }

  #value(number: bigint, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    const position = Number(number) * this.meta.pageSize + pageHeaderBytes;
    const length = fs.readSync(this.file, bytes, 0, size, position);
    return bytes.subarray(0, length);
  }

  #visit(first: bigint, count: number): void {
    if (first < 2n || first + BigInt(count) > BigInt(this.#visited.length))
      throw new PageProblem('a page is not there');
    for (let page = Number(first); page < Number(first) + count; page++) {
      if (this.#visited[page] === 1) throw new PageProblem(`page ${page} is used twice`);
      this.#visited[page] = 1;
    }
  }
}
