import { connectionCases } from './suite-connections.js';
import { streamCases } from './suite-streams.js';
import type { TransportRig } from './suite-tools.js';

export interface SuiteCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/**
 * What every implementation of `Transport` has to do, as cases for any test runner. Each opens a rig of its own and closes
 * it again. None waits for time to pass.
 *
 * @example
 * for (const { name, run } of transportSuite(openRig)) test(name, run);
 */
export function transportSuite(openRig: () => Promise<TransportRig>): readonly SuiteCase[] {
  return [...connectionCases, ...streamCases].map(({ name, run }) => ({
    name,
    run: async () => {
      await using rig = await openRig();
      await run(rig);
    },
  }));
}
