// The house's walls: a package imports only what its row allows. Platform-free packages stay so because
// nothing that needs Node can reach them, and the order of the rows is an order in which no cycle fits.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { runIfMain } from './lib/check.mjs';
import { importsOf, packageOf, relativeTarget } from './lib/imports.mjs';
import { filesUnder, packageNames, root } from './lib/repository.mjs';

/** Per package: the packages it may import, and 'node:' where it may import Node's modules. */
export const rows = {
  model: [],
  proto: ['model'],
  crypto: ['model'],
  storage: ['model'],
  'storage-node': ['model', 'proto', 'crypto', 'storage', 'node:'],
  kernel: ['model', 'proto', 'crypto', 'storage'],
  kvstore: ['model', 'proto'],
  logstore: ['model', 'proto'],
  meshstore: ['model', 'proto', 'crypto'],
  negentropy: [],
  sync: ['model', 'proto', 'crypto', 'negentropy'],
  gossip: ['model', 'proto', 'crypto'],
  'net-types': ['model'],
  net: ['model', 'proto', 'crypto', 'sync', 'net-types', 'node:'],
  // prettier-ignore
  node: ['model', 'proto', 'crypto', 'storage', 'storage-node', 'kernel', 'kvstore', 'logstore', 'meshstore', 'sync', 'gossip', 'net-types', 'net'],
  api: ['model', 'proto'],
  daemon: ['api', 'node', 'model', 'proto', 'node:'],
  cli: ['api', 'daemon', 'node', 'model', 'node:'],
  testkit: ['model', 'proto', 'crypto', 'storage', 'kernel', 'net-types'],
  // prettier-ignore
  sim: ['model', 'proto', 'crypto', 'storage', 'storage-node', 'kernel', 'kvstore', 'logstore', 'meshstore', 'sync', 'net-types', 'net', 'node', 'testkit'],
};

const scope = '@lattice/';

export function findProblems(base = root) {
  const packages = packageNames(base).map((name) => readPackage(base, name));
  return [...packages.flatMap((one) => problemsOf(base, one)), ...cycles(packages)];
}

function readPackage(base, name) {
  const read = (file) => JSON.parse(readFileSync(join(base, 'packages', name, file), 'utf8'));
  return {
    name,
    folder: `packages/${name}`,
    dependencies: Object.keys(read('package.json').dependencies ?? {}),
    references: (read('tsconfig.json').references ?? []).map(({ path }) => path.replace('../', '')),
  };
}

function problemsOf(base, one) {
  if (rows[one.name] === undefined) return [`${one.folder}: has no row in scripts/check-imports.mjs`];
  const problemsIn = (file, problemOf) =>
    importsOf(readFileSync(join(base, file), 'utf8')).flatMap(({ target, line }) => {
      const problem =
        target === undefined
          ? 'write what is imported as a literal, a file with ./ before it'
          : problemOf(one, file, target);
      return problem === undefined ? [] : [`${file}:${line}: ${problem}`];
    });
  const typescript = (folder) =>
    filesUnder(`${one.folder}/${folder}`, base).filter((file) => file.endsWith('.ts'));
  return [
    ...manifestProblems(one),
    ...typescript('src').flatMap((file) => problemsIn(file, problemInSource)),
    ...typescript('test').flatMap((file) => problemsIn(file, problemInTest)),
  ];
}

/**
 * What a package declares must be within its row too, and the compiler must build it after what it declares.
 */
function manifestProblems({ name, folder, dependencies, references }) {
  const declared = dependencies.filter((dependency) => dependency.startsWith(scope)).map(withoutScope);
  return [
    ...declared
      .filter((other) => !rows[name].includes(other))
      .map((other) => `${folder}/package.json: may not depend on ${scope}${other}`),
    ...declared
      .filter((other) => !references.includes(other))
      .map((other) => `${folder}/tsconfig.json: lacks the reference ../${other}`),
    ...references
      .filter((other) => !declared.includes(other))
      .map((other) => `${folder}/tsconfig.json: refers to ../${other}, no dependency`),
  ];
}

function problemInSource({ name, folder, dependencies }, file, target) {
  if (target.startsWith('.')) return problemInRelative(`${folder}/src`, file, target);
  if (isBuiltin(target)) {
    return rows[name].includes('node:')
      ? spellingOfBuiltin(target)
      : `${name} may not import Node's modules (${target})`;
  }
  const imported = packageOf(target);
  if (imported.startsWith(scope) && !rows[name].includes(withoutScope(imported)))
    return `${name} may not import ${imported}`;
  return dependencies.includes(imported)
    ? undefined
    : `${imported} is not among the dependencies of ${folder}/package.json`;
}

function problemInTest({ folder }, file, target) {
  if (target.startsWith('.')) {
    // What tests of one package need of the system (disks, sockets), those of another may use.
    const isSupport = /^packages\/[^/]+\/test\/support\//.test(relativeTarget(file, target));
    return isSupport ? undefined : problemInRelative(`${folder}/test`, file, target);
  }
  if (isBuiltin(target)) return spellingOfBuiltin(target);
  if (target === 'fast-check' || target.startsWith(scope)) return undefined;
  return `a test may import Lattice packages, fast-check and Node's modules, not ${target}`;
}

function problemInRelative(home, file, target) {
  return relativeTarget(file, target).startsWith(`${home}/`) ? undefined : `${target} leads out of ${home}`;
}

function isBuiltin(target) {
  return target.startsWith('node:') || builtinModules.includes(target);
}

function spellingOfBuiltin(target) {
  return target.startsWith('node:') ? undefined : `write node:${target}`;
}

function withoutScope(name) {
  return name.slice(scope.length);
}

/** Rows could be edited into a cycle; what packages declare is followed, depth first. */
function cycles(packages) {
  const declared = new Map(packages.map(({ name, dependencies }) => [name, dependencies]));
  const done = new Set();
  const problems = [];
  const visit = (name, path) => {
    if (path.includes(name))
      problems.push(`packages depend on each other in a circle: ${[...path, name].join(' -> ')}`);
    if (path.includes(name) || done.has(name)) return;
    for (const dependency of declared.get(name) ?? [])
      if (dependency.startsWith(scope)) visit(withoutScope(dependency), [...path, name]);
    done.add(name);
  };
  for (const name of declared.keys()) visit(name, []);
  return problems;
}

runIfMain(import.meta.url, findProblems);
