import { type Logger, type NodeId, toHex, unreachable } from '@lattice/model';
import type { NodeStorage, SuspectedCopy } from '@lattice/storage';
import type { Events } from './events.js';

/** What there is to say of a node whose data seem to be a copy: never a reason not to start, or to write. */
export class CopyNotice {
  readonly #storage: NodeStorage;
  readonly #nodeId: string;
  #suspected: SuspectedCopy | undefined;
  #hasTold = false;

  /** To be called once the identity is there. */
  static async look(storage: NodeStorage, node: NodeId, logger: Logger): Promise<CopyNotice> {
    const nodeId = toHex(node);
    const notice = new CopyNotice(storage, nodeId, await storage.suspectedCopy(nodeId));
    for (const warning of notice.warnings) logger.log('warn', warning);
    return notice;
  }

  private constructor(storage: NodeStorage, nodeId: string, suspected: SuspectedCopy | undefined) {
    this.#storage = storage;
    this.#nodeId = nodeId;
    this.#suspected = suspected;
  }

  /** One at most. */
  get warnings(): readonly string[] {
    return this.#suspected ? [`${findingOf(this.#suspected)} ${remedy}`] : [];
  }

  /** Nobody listens yet while a node is being opened: to be called when somebody may. */
  tellOnce(events: Events): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    for (const message of this.warnings) events.tell({ kind: 'warning', level: 'warn', message });
  }

  /** The owner says that no other copy is in use: nothing more is to be said. Resolves with whether there was. */
  async dismiss(): Promise<boolean> {
    const wasSuspected = this.#suspected !== undefined;
    await this.#storage.settleHere(this.#nodeId);
    this.#suspected = undefined;
    return wasSuspected;
  }
}

function findingOf(suspected: SuspectedCopy): string {
  switch (suspected.kind) {
    case 'original-beside':
      return `This data directory was copied: ${JSON.stringify(suspected.original)} holds the same node.`;
    case 'other-machine':
      return 'This data directory was copied or moved here from another machine.';
    case 'put-back':
      return 'This data directory was copied: its files are not those that were here, as after restoring a backup of the disk.';
    default:
      return unreachable(suspected);
  }
}

const remedy =
  'Two copies that write with one key part its history in two. If another copy is in use, give this one an identity of its own ' +
  'with `node rotate`; if this is the only one, say so with `node keep-identity`.';
