import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { converged, pair } from './support/pair.js';

test("every package of this repository's lock file comes out of another node as it went in", async (context) => {
  const [first, second] = await pair(context);
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, unknown> };
  const lines = Object.entries(lock.packages)
    .map(([path, value]) => ({ key: path === '' ? '(root)' : path, value: JSON.stringify(value) }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
    .map((record) => `${JSON.stringify(record)}\n`);
  assert(lines.length > 100);
  const [file, copy] = [join(first.dataDir, '..', 'in.ndjson'), join(second.dataDir, '..', 'out.ndjson')];
  writeFileSync(file, lines.join(''));

  await first.json('import', file);
  await converged(first, second);
  await second.json('export', copy);
  assert.equal(readFileSync(copy, 'utf8'), lines.join(''));
});

test('binary keys and values survive the same way', async (context) => {
  const [first, second] = await pair(context);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('base64');
  const line = `${JSON.stringify({ key: { base64: '/wD+' }, value: { base64: bytes } })}\n`;
  const [file, copy] = [join(first.dataDir, '..', 'in.ndjson'), join(second.dataDir, '..', 'out.ndjson')];
  writeFileSync(file, line);
  await first.json('import', file);
  await converged(first, second);
  await second.json('export', copy);
  assert.equal(readFileSync(copy, 'utf8'), line);
});
