// A process of `npm run sim -- --jobs`: runs the seeds that it is told to. See lib/sim-crew.mjs.
import * as sim from '../packages/sim/dist/index.js';
import { nodesIn, runSeed } from './lib/sim-seed.mjs';

process.on('message', ({ seed, options }) => {
  void runSeed(sim, seed, { ...options, nodesOf: nodesIn(options.nodes) }).then((outcome) => {
    process.send(outcome);
  });
});
