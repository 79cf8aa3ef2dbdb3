import type { LatticeClient } from '@lattice/api';
import { type Cancel, LatticeError, silentLogger } from '@lattice/model';
import { parseTokens } from '../interpreter.js';
import type { GlobalOptions } from '../line/global-options.js';
import { directoryOptions } from '../session.js';
import type { Surroundings } from '../surroundings.js';
import { offersFor } from './offers.js';

/** Who has pressed Tab waits no longer than this for a node. */
const patienceMs = 800;

/** Characters that a line of a completion script cannot carry, or that would drive the terminal. */
const unfit = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * Prints what the last of the words can become, a line for each: the word, then a tab and what it means where there is
 * something to say. Asks a node that runs, and starts none; whatever goes wrong prints nothing, since the line that somebody
 * is typing is no place for it.
 */
export async function printWords(words: readonly string[], surroundings: Surroundings): Promise<void> {
  const before = words.slice(0, -1);
  const node = new RunningNode(before, surroundings);
  try {
    const current = words.at(-1) ?? '';
    const { head, items, more, common } = await offersFor(before, current, node, surroundings);
    // A shell inserts what all lines begin with: one more line has it stop where those that are left out may differ.
    const rest = more ? [{ word: `${common ?? current.slice(head.length)}...`, summary: 'and more' }] : [];
    const lines = [...items, ...rest]
      .map(({ word, summary = '' }) => ({ word: head + word, summary }))
      .filter(({ word, summary }) => !unfit.test(word + summary))
      .map(({ word, summary }) => (summary === '' ? `${word}\n` : `${word}\t${summary}\n`));
    surroundings.stdout.write(lines.join(''));
  } catch {
    // Nothing to offer.
  } finally {
    await node.close();
  }
}

/** The node that the words mean, if some process runs it. */
export class RunningNode {
  readonly #stop = new AbortController();
  #client: Promise<LatticeClient> | undefined;
  #close: () => Promise<void> = async () => undefined;
  #cancel: Cancel = () => undefined;

  constructor(
    private readonly before: readonly string[],
    private readonly surroundings: Surroundings,
  ) {}

  /** Aborted when the node took too long. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What the words and the environment say is meant. Throws where they cannot be read. */
  target(): { readonly mesh: string; readonly store: string } {
    const { mesh, store } = this.#options();
    return { mesh, store };
  }

  /** Rejects where nobody runs it. */
  client(): Promise<LatticeClient> {
    return (this.#client ??= this.#connect());
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.#close();
  }

  async #connect(): Promise<LatticeClient> {
    const { connectIfRunning } = await import('@lattice/daemon');
    const directory = await this.surroundings.openDirectory(directoryOptions(this.#options(), silentLogger));
    // From here on: a busy machine takes its time to load a program.
    this.#cancel = this.surroundings.timers.after(patienceMs, () => this.#stop.abort());
    const access = await connectIfRunning(directory, {
      role: 'command',
      logger: silentLogger,
      signal: this.signal,
    });
    if (access === undefined) throw new LatticeError('not-running', 'No process runs this node.');
    this.#close = () => access.close({ drainMs: 0 });
    return access.client;
  }

  #options(): GlobalOptions {
    return parseTokens(this.before, this.surroundings).global;
  }
}
