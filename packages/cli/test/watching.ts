import assert from 'node:assert/strict';
import { main } from '@lattice/cli';
import { Collector, type Rig, type RunOptions } from './rig.js';

/** A command that goes on until Ctrl-C. */
export function watching(rig: Rig, argv: readonly string[], options: RunOptions = {}) {
  rig.nodes.nowMs += 1_000;
  const stdout = new Collector(options.terminal);
  const stderr = new Collector(options.terminal);
  const status = main(argv, rig.surroundings(options, stdout, stderr));
  const until = async (isThere: (text: string) => boolean) => {
    let over = false;
    void status.then(() => (over = true));
    while (!isThere(stdout.text)) {
      assert.ok(!over, `it ended: ${stderr.text}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { stdout, stderr, status, until };
}
