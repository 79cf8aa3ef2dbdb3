// `npm run generate`: makes the TypeScript of every .proto file. It is committed, so that only who changes a
// .proto file needs protoc. That comes from the system: as an npm package it would weigh on every
// installation.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder, root } from './lib/repository.mjs';

const plugin = join(
  root,
  'node_modules/.bin',
  process.platform === 'win32' ? 'protoc-gen-es.cmd' : 'protoc-gen-es',
);

/** Undefined when all went well, else a sentence. */
function generateAll(folders) {
  if (spawnSync('protoc', ['--version']).error !== undefined) {
    return 'protoc was not found: install it (Debian: protobuf-compiler, Homebrew: protobuf) and run this again.';
  }
  const refused = folders.find((folder) => !generate(folder));
  return refused && `protoc refused ${refused}/proto: mend what it says above and run this again.`;
}

function generate(folder) {
  const protos = filesUnder(`${folder}/proto`).filter((file) => file.endsWith('.proto'));
  if (protos.length === 0) return true;
  const out = `${folder}/src/gen`;
  rmSync(join(root, out), { recursive: true, force: true });
  mkdirSync(join(root, out), { recursive: true });
  const options = [
    `--proto_path=${folder}/proto`,
    `--plugin=protoc-gen-es=${plugin}`,
    `--es_out=${out}`,
    '--es_opt=target=ts,import_extension=js',
  ];
  const { status } = spawnSync('protoc', [...options, ...protos], { cwd: root, stdio: 'inherit' });
  if (status === 0) console.log(`${out}: made from ${protos.join(', ')}`);
  return status === 0;
}

const problem = generateAll(['packages/proto', 'packages/api']);
if (problem !== undefined) {
  console.error(problem);
  process.exitCode = 1;
}
