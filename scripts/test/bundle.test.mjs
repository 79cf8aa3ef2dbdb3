import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { bundlePath } from '../lib/freshness.cjs';
import { root } from '../lib/repository.mjs';

/** What a command that only talks to the running node, or to nobody, must not wait for. */
const heavy = [
  'lmdb',
  'sodium-native',
  'fs-native-extensions',
  '@number0/iroh',
  '@napi-rs/blake-hash',
  '@node-rs/crc32',
  'node:dgram',
];
const ofTheClient = ['node:http2', 'Http2SessionManager'];

/** The code of a bundled file and of all that it imports at once, as one text. */
function loadedWith(file, folder = dirname(bundlePath()), seen = new Set()) {
  if (seen.has(file)) return '';
  seen.add(file);
  const code = readFileSync(`${folder}/${file}`, 'utf8');
  const imports = [...code.matchAll(/^import\b[^;]*?"\.\/(?<name>[^"]+)";/gm)].map(
    ({ groups }) => groups.name,
  );
  return [code, ...imports.map((name) => loadedWith(name, folder, seen))].join('\n');
}

function chunkThat(contains) {
  const folder = dirname(bundlePath());
  const found = readdirSync(folder).filter(
    (name) => name.endsWith('.mjs') && readFileSync(`${folder}/${name}`, 'utf8').includes(contains),
  );
  assert.equal(found.length, 1, `${contains} is in ${found.length} files`);
  return found[0];
}

test('the help and the version load neither the node nor the client of one', () => {
  const code = loadedWith('lattice.mjs');
  for (const name of [...heavy, ...ofTheClient]) assert.ok(!code.includes(name), name);
});

test('a command beside a daemon loads nothing of the node', () => {
  const code = loadedWith(chunkThat('function openOrConnect'));
  for (const name of ofTheClient) assert.ok(code.includes(name), name);
  for (const name of heavy) assert.ok(!new RegExp(`from "${name}["/]`).test(code), name);
});

test('building the same again makes the same bundle', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/bundle.mjs'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, readFileSync(`${root}/.build/built`, 'utf8'));
});

test('a defect in the bundle points into the source', () => {
  const { mappings, sources } = JSON.parse(readFileSync(`${bundlePath()}.map`, 'utf8'));
  assert.ok(mappings.length > 0);
  assert.ok(
    sources.some((source) => source.endsWith('packages/cli/src/main.ts')),
    String(sources),
  );
});
