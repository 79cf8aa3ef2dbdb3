import { assert, type Bundle, type Entry, HashMap, type NodeId } from '@lattice/model';
import { type BundleForm, depByAuthor, depInBundle, formByte } from './bundle-form.js';
import { ByteWriter } from './byte-writer.js';
import { writeHlcDelta } from './hlc-delta.js';

/** Encodes a bundle. The layout is in the protocol's section "Bundle"; it is not canonical and need not be. */
export function encodeBundle(bundle: Bundle, form: BundleForm): Uint8Array {
  const { chains, entries } = bundle;
  const bytes = entries.reduce((sum, entry) => sum + entry.payload.length + 24, 256 + 160 * chains.length);
  return writeBundle(new ByteWriter(bytes), bundle, form).finish();
}

/** The same, behind what the writer has: for those who keep one. */
export function writeBundle(writer: ByteWriter, bundle: Bundle, form: BundleForm): ByteWriter {
  const { chains, entries } = bundle;
  const authors = authorTable(bundle);
  writer.u8(formByte[form]).varint(chains.length);
  for (const chain of chains) {
    writer.raw(chain.author).varint(chain.firstSeq).raw(chain.firstPrev).raw(chain.signature);
  }
  writer.varint(authors.extra.length);
  for (const author of authors.extra) writer.raw(author);
  writer.varint(entries.length);

  const indexOf = new HashMap<number>();
  let previousHlc = 0n;
  entries.forEach((entry, index) => {
    const chain = bundle.chainOf[index];
    const hash = bundle.hashes[index];
    assert(chain !== undefined && hash !== undefined, "a bundle's arrays are in step");
    writer.varint(chain);
    writeHlcDelta(writer, entry.hlc - previousHlc);
    previousHlc = entry.hlc;
    writeDeps(writer, entry, index, form, authors.indexOf, indexOf);
    if (entry.instead) writer.raw(entry.instead);
    writer.prefixed(entry.payload);
    indexOf.set(hash, index);
  });
  return writer;
}

function writeDeps(
  writer: ByteWriter,
  entry: Entry,
  index: number,
  form: BundleForm,
  authorIndex: HashMap<number>,
  entryIndex: HashMap<number>,
): void {
  writer.varint(2 * entry.deps.length + (entry.instead ? 1 : 0));
  for (const dep of entry.deps) {
    const inBundle = entryIndex.get(dep.hash);
    if (inBundle !== undefined) {
      writer.varint(2 * (index - 1 - inBundle) + depInBundle);
      continue;
    }
    const author = authorIndex.get(dep.author);
    assert(author !== undefined, "every dep's author is in the table");
    writer.varint(2 * author + depByAuthor).varint(dep.seq);
    if (form === 'full') writer.raw(dep.hash);
  }
}

/** Authors by number: the chains' own first, in order, then those that only deps name. */
function authorTable(bundle: Bundle): { extra: readonly NodeId[]; indexOf: HashMap<number> } {
  const indexOf = new HashMap<number>();
  bundle.chains.forEach((chain, index) => {
    if (!indexOf.has(chain.author)) indexOf.set(chain.author, index);
  });
  const extra: NodeId[] = [];
  for (const entry of bundle.entries) {
    for (const dep of entry.deps) {
      if (indexOf.has(dep.author)) continue;
      indexOf.set(dep.author, bundle.chains.length + extra.length);
      extra.push(dep.author);
    }
  }
  return { extra, indexOf };
}
