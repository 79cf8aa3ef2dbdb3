'use strict';
// Is what is installed and built still what the sources say? Every start of ./lattice asks, so this is
// CommonJS, which loads at once, and looks at times before it reads anything.
const { readFileSync, readdirSync, statSync } = require('node:fs');
const { resolve } = require('node:path');

const root = resolve(__dirname, '../..');
const inputsOfAll = [
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.node.json',
  'tsconfig.platform-free.json',
  'types/platform-free.d.ts',
  'scripts/bundle.mjs',
];
const bundleEntry = 'lattice.mjs';

/** npm writes its hidden lock last, so it also tells that the installation was completed. */
function isInstalled(base = root) {
  const installedMs = mtimeMs(`${base}/node_modules/.package-lock.json`);
  if (installedMs === undefined) return false;
  return !isNewer(`${base}/package-lock.json`, installedMs) || isLockAsInstalled(base);
}

/**
 * Whether all packages were built after the last change of any source, of a folder of sources, or of a
 * configuration, and are bundled.
 */
function isBuilt(base = root) {
  const builtMs = mtimeMs(stampOfBuild(base));
  if (builtMs === undefined || mtimeMs(bundlePath(base)) === undefined) return false;
  if (inputsOfAll.some((path) => isNewer(`${base}/${path}`, builtMs))) return false;
  return readdirSync(`${base}/packages`).every((name) => isPackageBuilt(`${base}/packages/${name}`, builtMs));
}

/**
 * The lock file as it was installed: tells a lock that only looks newer, after switching branches, from one
 * that changed.
 */
function stampOfInstall(base = root) {
  return `${base}/node_modules/.lattice-installed-lock.json`;
}

/** Its time is when the last successful build began; it holds the name of the folder of that build's bundle. */
function stampOfBuild(base = root) {
  return `${base}/.build/built`;
}

function bundlesFolder(base = root) {
  return `${base}/.build/bundles`;
}

/** The command line, bundled by the last successful build. */
function bundlePath(base = root) {
  return `${bundlesFolder(base)}/${readFileSync(stampOfBuild(base), 'utf8')}/${bundleEntry}`;
}

function isPackageBuilt(folder, builtMs) {
  if (mtimeMs(`${folder}/package.json`) === undefined) return true;
  if (mtimeMs(`${folder}/dist/.tsbuildinfo`) === undefined) return false;
  if (isNewer(`${folder}/package.json`, builtMs) || isNewer(`${folder}/tsconfig.json`, builtMs)) return false;
  return !isFolderNewer(`${folder}/src`, builtMs);
}

/** A folder's own time counts too: it changes when a file in it is removed. */
function isFolderNewer(folder, thanMs) {
  if (isNewer(folder, thanMs)) return true;
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? isFolderNewer(path, thanMs) : isNewer(path, thanMs);
  });
}

/** At the same time is newer: what changed while the build began may have been missed. */
function isNewer(path, thanMs) {
  return mtimeMs(path) >= thanMs;
}

function mtimeMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function isLockAsInstalled(base) {
  if (mtimeMs(stampOfInstall(base)) === undefined) return false;
  const read = (path) => readFileSync(path, 'utf8');
  return read(stampOfInstall(base)) === read(`${base}/package-lock.json`);
}

module.exports = {
  bundleEntry,
  bundlePath,
  bundlesFolder,
  isBuilt,
  isInstalled,
  stampOfBuild,
  stampOfInstall,
};
