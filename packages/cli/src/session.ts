import type { LatticeClient } from '@lattice/api';
import type { CloseOptions, NodeAccess, Role } from '@lattice/daemon';
import { LatticeError, type Logger } from '@lattice/model';
import type { GlobalOptions } from './line/global-options.js';
import type { Surroundings } from './surroundings.js';
import { version } from './version.js';

export interface SessionOptions {
  readonly surroundings: Surroundings;
  readonly global: GlobalOptions;
  readonly role: Role;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Called whenever the node was reached, here or in another process, and waited for. */
  readonly onOpen: (access: NodeAccess) => Promise<void>;
}

/** The way to the node that one run of the program has: opened when first wanted, and again after it broke. */
export class Session {
  #access: Promise<NodeAccess> | undefined;

  constructor(private readonly options: SessionOptions) {}

  /**
   * What runs the node cannot be loaded in no time, hence not before a command asks for it. Rejects with `node-not-found`
   * where there is none, unless whoever asks begins one.
   */
  readonly node = async ({ beginsNode = false } = {}): Promise<LatticeClient> => {
    this.#access ??= this.#open(beginsNode);
    return (await this.#access).client;
  };

  /** Looks at a failure: when the process that ran the node is gone, the next command looks for the node anew. */
  async noteFailure(error: unknown): Promise<void> {
    if (error instanceof LatticeError && error.code === 'daemon-gone') await this.close({ drainMs: 0 });
  }

  /** Lets the next command look for the node anew, since this way to it has ended. `false` where that was noticed before. */
  async forget(access: NodeAccess): Promise<boolean> {
    const latest = this.#access;
    const isLatest = (await latest?.catch(() => undefined)) === access && this.#access === latest;
    if (isLatest) this.#access = undefined;
    return isLatest;
  }

  async close(options: CloseOptions): Promise<void> {
    const opening = this.#access;
    this.#access = undefined;
    // One that could not be opened has told so already.
    const access = await opening?.catch(() => undefined);
    await access?.close(options);
  }

  async #open(mayBegin: boolean): Promise<NodeAccess> {
    const { surroundings, global, role, logger, signal, onOpen } = this.options;
    try {
      const { openOrConnect } = await import('@lattice/daemon');
      const directory = await surroundings.openDirectory(directoryOptions(global, logger));
      const access = await openOrConnect(directory, { role, mayBegin, logger, signal });
      try {
        await onOpen(access);
      } catch (error) {
        await access.close({ drainMs: 0 });
        throw error;
      }
      return access;
    } catch (error) {
      this.#access = undefined;
      throw error;
    }
  }
}

export function directoryOptions({ dataDir, bind, relay, lan }: GlobalOptions, logger: Logger) {
  return {
    dataDir,
    logger,
    version,
    ...(bind === undefined ? {} : { bind }),
    ...(relay === undefined ? {} : { relay }),
    ...(lan === undefined ? {} : { lan }),
  };
}
