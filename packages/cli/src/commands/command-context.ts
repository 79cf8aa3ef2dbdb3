import type { LatticeClient } from '@lattice/api';
import type { GlobalOptions } from '../line/global-options.js';
import type { Output } from '../output/output.js';
import type { Surroundings } from '../surroundings.js';

/** Shows a question and resolves with what is typed; `undefined` for Ctrl-C and Ctrl-D. */
export type Ask = (question: string) => Promise<string | undefined>;

/** What a command works with. */
export interface CommandContext {
  /** The node, wherever it runs; opened with the first call. */
  readonly node: () => Promise<LatticeClient>;
  /** What --mesh and --store say; empty: the selection. */
  readonly target: { readonly mesh: string; readonly store: string };
  readonly output: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly global: GlobalOptions;
  readonly surroundings: Surroundings;
  /** Who can be asked questions; `undefined` where nobody sits at a terminal. */
  readonly asker: () => Ask | undefined;
  /** Set inside the shell. */
  readonly shell?: { leave(): void };
}
