'use strict';
const { isBuilt, isInstalled } = require('./lib/freshness.cjs');

/** Runs the compiled command line, after a set-up when there is something to set up. */
exports.launch = async function (argv) {
  const problem = isInstalled() && isBuilt() ? undefined : (await import('./setup.mjs')).setUp();
  if (problem === undefined) {
    const { main } = await import('../packages/cli/dist/main.js');
    process.exitCode = await main(argv);
  } else {
    console.error(problem);
    process.exitCode = 1;
  }
};
