import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

test('a connection of which only a stream is held survives the garbage collector', async () => {
  const script = fileURLToPath(new URL('./support/gc-scenario.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script], {
    timeout: 30_000,
  });
  assert.equal(stdout, 'survived\n');
});
