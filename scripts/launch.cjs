'use strict';
const { pathToFileURL } = require('node:url');
const { bundlePath, isBuilt, isInstalled } = require('./lib/freshness.cjs');

/** Runs the bundled command line, after a set-up when there is something to set up. */
exports.launch = async function (argv) {
  const problem = isInstalled() && isBuilt() ? undefined : (await import('./setup.mjs')).setUp();
  if (problem === undefined) {
    const { main } = await import(pathToFileURL(bundlePath()).href);
    process.exitCode = await main(argv);
  } else {
    console.error(problem);
    process.exitCode = 1;
  }
};
