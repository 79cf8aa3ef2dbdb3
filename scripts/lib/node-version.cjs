'use strict';
// CommonJS without newer syntax: what is too old to run the rest must still be able to run this.
const wanted = require('../../package.json').engines.node.replace('>=', '');

/** A sentence about a Node that is too old, or undefined. */
exports.nodeVersionProblem = function (version) {
  const have = version.split('.').map(Number);
  const want = wanted.split('.').map(Number);
  if (have[0] > want[0] || (have[0] === want[0] && have[1] >= want[1])) return undefined;
  return (
    'Lattice needs Node ' +
    wanted +
    ' or newer, and this is ' +
    version +
    ': install a current one from https://nodejs.org.'
  );
};
