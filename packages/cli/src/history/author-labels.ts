import type { LatticeClient } from '@lattice/api';
import { shortId } from '../output/columns.js';
import { quoted } from '../output/printable.js';
import { clipped } from '../output/wrapped.js';

const labelWidthMax = 12;
/** As long as an id must be to be typed. */
const idDigits = 4;

/** How authors are called on a line: by their names, with the beginning of the id where several have that name. */
export class AuthorLabels {
  readonly #labels: ReadonlyMap<string, string>;
  readonly #colours = new Map<string, number>();

  static async of(client: LatticeClient, mesh: string, signal: AbortSignal): Promise<AuthorLabels> {
    const { peers } = await client.meshPeers({ mesh }, { signal });
    return new AuthorLabels(peers);
  }

  constructor(peers: readonly { readonly nodeId: string; readonly name: string }[]) {
    const times = new Map<string, number>();
    for (const { name } of peers) times.set(name, (times.get(name) ?? 0) + 1);
    this.#labels = new Map(
      peers.map(({ nodeId, name }) => [nodeId, labelOf(name, nodeId, (times.get(name) ?? 0) > 1)]),
    );
  }

  label(author: string): string {
    return this.#labels.get(author) ?? shortId(author);
  }

  /** A number for a colour, in the order in which authors appear. */
  colour(author: string): number {
    const known = this.#colours.get(author) ?? this.#colours.size;
    this.#colours.set(author, known);
    return known;
  }
}

function labelOf(name: string, nodeId: string, isShared: boolean): string {
  if (name === '') return shortId(nodeId);
  if (!isShared) return quoted(clipped(name, labelWidthMax));
  return `${quoted(clipped(name, labelWidthMax - idDigits - 1))}#${nodeId.slice(0, idDigits)}`;
}
