import type { LatticeClient } from '@lattice/api';
import { counted } from '@lattice/model';
import { harmless } from '../output/printable.js';
import { version } from '../version.js';

/** More are for `status`. */
const warningsMax = 3;

/** The lines that a shell begins with, and what a node that another process runs has warned of already. */
export async function greeting(client: LatticeClient): Promise<string> {
  const { warnings, owner } = await client.nodeStatus({});
  // What a node of this process warns of, its logger tells.
  const told = owner?.pid === process.pid ? [] : warnings;
  const rest = told.length - warningsMax;
  return [
    `Lattice ${version}. \`help\` lists the commands, Tab completes them, \`quit\` leaves.`,
    ...told.slice(0, warningsMax).map((warning) => `warning: ${harmless(warning)}`),
    ...(rest > 0 ? [`And ${counted(rest, 'more warning', 'more warnings')}: see \`status\`.`] : []),
    '',
  ].join('\n');
}
