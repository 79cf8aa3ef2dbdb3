// Bundles the compiled command line into few files, since most of a short command's time would go into finding and
// reading many. What a command does not need (the node and everything native, the shell) stays in files of its own.
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { bundleEntry, bundlesFolder } from './lib/freshness.cjs';
import { root } from './lib/repository.mjs';

/** Native code finds its binaries beside its own package.json. */
const native = [
  'lmdb',
  'sodium-native',
  'fs-native-extensions',
  '@number0/iroh',
  '@napi-rs/blake-hash',
  '@node-rs/crc32',
];
/** A process that runs since before the last builds may still load a part of the one that it came from. */
const bundlesKept = 8;

/**
 * Makes a bundle in a folder named by its content, and resolves with that name. The folder appears whole or not at all,
 * and what is in it never changes.
 */
async function bundle() {
  const files = await bundledFiles();
  const name = nameOf(files);
  const folder = join(bundlesFolder(), name);
  if (!exists(join(folder, bundleEntry))) writeWhole(folder, files);
  const now = new Date();
  utimesSync(folder, now, now);
  removeOldest();
  return name;
}

/** The command line, and what it starts as a thread, by that name beside it: that loads nothing of the rest. */
async function bundledFiles() {
  const files = await Promise.all([
    filesOf({ [bundleEntry.replace('.mjs', '')]: 'packages/cli/dist/main.js' }, '[name].mjs'),
    filesOf({ 'iroh-worker': 'packages/net/dist/thread/iroh-worker.js' }, '[name].js'),
  ]);
  return [...files.flat(), { name: 'package.json', content: '{ "type": "module" }\n' }];
}

async function filesOf(input, entryFileNames) {
  const warnings = [];
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    // Node's own loads all of `fetch`.
    transform: { inject: { Headers: [join(root, 'scripts/lib/headers.mjs'), 'Headers'] } },
    external: native.map((name) => new RegExp(`^${name}(?:/|$)`)),
    plugins: [
      {
        name: 'source maps of the compiler',
        load: { filter: { id: /packages\/\w[^/]*\/dist\/.*\.js$/ }, handler: compiled },
      },
    ],
    onLog: (level, log) => level !== 'debug' && level !== 'info' && warnings.push(log.message),
  });
  const { output } = await build.generate({
    format: 'esm',
    // Source maps name their sources from here.
    dir: join(bundlesFolder(), 'any'),
    sourcemap: true,
    entryFileNames,
    chunkFileNames: '[name]-[hash].mjs',
  });
  await build.close();
  if (warnings.length > 0) throw new Error(warnings.join('\n'));
  return output.map((file) => ({
    name: file.fileName,
    content: file.type === 'chunk' ? file.code : file.source,
  }));
}

/** Stack traces are to lead to what people wrote (`NODE_OPTIONS=--enable-source-maps`). */
function compiled(file) {
  return { code: readFileSync(file, 'utf8'), map: readFileSync(`${file}.map`, 'utf8') };
}

function nameOf(files) {
  const hash = createHash('sha256');
  for (const { name, content } of files) hash.update(`${name}\n${content.length}\n`).update(content);
  return hash.digest('hex').slice(0, 16);
}

function writeWhole(folder, files) {
  const prepared = `${folder}.${process.pid}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(prepared, { recursive: true });
  for (const { name, content } of files) writeFileSync(join(prepared, name), content);
  renameSync(prepared, folder);
}

function removeOldest() {
  const folders = readdirSync(bundlesFolder()).map((name) => join(bundlesFolder(), name));
  const newestFirst = folders.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const folder of newestFirst.slice(bundlesKept)) rmSync(folder, { recursive: true, force: true });
}

function exists(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

process.stdout.write(await bundle());
