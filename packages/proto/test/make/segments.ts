import { toHex, utf8 } from '@lattice/model';
import { encodeBundle, encodeGenesis } from '@lattice/proto';
import { MemoryFiles } from '@lattice/storage';
import { SegmentLog } from '@lattice/storage-node';
import { story } from './bundles.js';
import { bundleOf, kvGenesis } from './material.js';

/** Small enough that the second append fills a segment. */
const segmentBytes = 500;
const salt = 0x1234_5678;

/** What a log writes, file by file. */
export async function segmentVectors() {
  const genesis = encodeGenesis(kvGenesis);
  const bundle = encodeBundle(bundleOf(story.a1), 'full');
  const appends = [[bundle], [utf8('seven b'), utf8('eight by'), bundle], [utf8('last')]];
  const files = new MemoryFiles();
  const offsets: (readonly number[])[] = [];
  {
    await using log = await SegmentLog.create(files, { genesis, salt }, { segmentBytes });
    for (const records of appends) offsets.push(await log.append(records));
  }
  const names = (await files.list()).filter((name) => name.endsWith('.log'));
  return {
    genesis: toHex(genesis),
    salt,
    segmentBytes,
    appends: appends.map((records, index) => ({ records: records.map(toHex), offsets: offsets[index] })),
    segments: names.map((name) => ({ name, bytes: toHex(contentOf(files, name)) })),
  };
}

/** Without the zeros that a file is extended by ahead of its data, but for the eight that a reader may ask for. */
function contentOf(files: MemoryFiles, name: string): Uint8Array {
  const file = files.open(name);
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  file.close();
  const last = bytes.findLastIndex((byte) => byte !== 0);
  return bytes.subarray(0, Math.ceil((last + 1) / 8) * 8);
}
