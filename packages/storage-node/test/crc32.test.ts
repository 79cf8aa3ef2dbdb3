import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 as plainCrc32 } from 'node:zlib';
import { crc32, loadFastCrc32 } from '@lattice/storage-node/testing';
import { SeededRandom } from '@lattice/testkit';

test('a checksum is the same with the fast code and before it is there, whatever it is started from', async (context) => {
  const random = new SeededRandom(7);
  const bytes = random.bytes(70_000);
  const agree = () => {
    for (const length of [0, 1, 4, 4_095, 4_096, 4_097, 5_000, 65_536, 69_000]) {
      const some = bytes.subarray(random.below(9), length);
      const start = random.pick([0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, random.below(2 ** 32)]);
      assert.equal(crc32(some, start), plainCrc32(some, start), `${some.length} bytes, from ${start}`);
      assert.equal(crc32(some), plainCrc32(some), `${some.length} bytes`);
    }
  };
  agree();
  if (!(await loadFastCrc32())) return context.skip('no binary of @node-rs/crc32 is installed here');
  agree();
});
