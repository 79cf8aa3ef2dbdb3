import type { LocalRef } from '@lattice/model';
import type { EntryRecord } from './entry-record.js';

interface FollowersBounds {
  /** How many entries are known. */
  readonly entriesMax: number;
  /** How many links between them. */
  readonly linksMax: number;
  /** How many followers one question may visit. */
  readonly visitsMax: number;
}

/** Under a megabyte, of which only what is used takes room. */
const boundsDefault: FollowersBounds = { entriesMax: 2 ** 15, linksMax: 2 ** 16, visitsMax: 512 };

/**
 * Who names the latest entries, as `prev` or a dep: what is needed to go from an entry to those that see it. Authors who
 * name few of the heads that they have seen leave entries that hardly anybody sees for long: from there, a search soon ends
 * that would visit all that lies between from the other side. An index of it on disk would be one more put for each
 * dep, so it is held in memory, of a bounded number of entries that were added since the store was opened.
 */
export class RecentFollowers {
  /** The entries from this one on are known, but for those that were too many. */
  #first = 0;
  #next = 0;
  /** By alias of an entry: the number of the latest link to it; 0: nobody names it. */
  readonly #latest: Float64Array;
  /** By number of a link: how far its follower lies behind the named one. */
  readonly #distance: Uint32Array;
  /** The same: how many links before it the one before of the same named one was made; 0: there is none. */
  readonly #before: Uint32Array;
  #links = 0;
  /** By alias: the last question that visited the entry. */
  readonly #visited: Uint32Array;
  #question = 0;
  readonly #todo: number[] = [];
  readonly #bounds: FollowersBounds;

  constructor(bounds = boundsDefault) {
    this.#bounds = bounds;
    this.#latest = new Float64Array(bounds.entriesMax);
    this.#distance = new Uint32Array(bounds.linksMax);
    this.#before = new Uint32Array(bounds.linksMax);
    this.#visited = new Uint32Array(bounds.entriesMax);
  }

  /** An entry was added, with what it names. */
  add(ref: LocalRef, named: readonly Pick<EntryRecord, 'ref'>[]): void {
    if (ref !== this.#next) this.#first = ref;
    this.#next = ref + 1;
    this.#latest[ref % this.#bounds.entriesMax] = 0;
    for (const { ref: to } of named) if (this.#knows(to)) this.#link(to, ref);
  }

  /** Whether an entry sees another that has a smaller alias, and one beyond its `seesUpTo`. `undefined` where this is not known. */
  sees({ ref, seesUpTo }: Pick<EntryRecord, 'ref' | 'seesUpTo'>, wanted: LocalRef): boolean | undefined {
    if (!this.#knows(wanted)) return undefined;
    const { entriesMax, linksMax, visitsMax } = this.#bounds;
    this.#begin();
    let visits = 0;
    for (let at: number | undefined = wanted; at !== undefined; at = this.#todo.pop()) {
      let link = this.#latest[at % entriesMax] ?? 0;
      while (link > 0) {
        if (this.#links - link >= linksMax) return undefined;
        const follower = at + (this.#distance[link % linksMax] ?? 0);
        // It sees what is wanted, and is seen.
        if (follower === ref || follower <= seesUpTo) return true;
        if (follower < ref && this.#isFirstVisit(follower)) {
          if (++visits > visitsMax) return undefined;
          this.#todo.push(follower);
        }
        const before: number = this.#before[link % linksMax] ?? 0;
        link = before === 0 ? 0 : link - before;
      }
    }
    return false;
  }

  #knows(ref: number): boolean {
    return ref >= this.#first && ref >= this.#next - this.#bounds.entriesMax && ref < this.#next;
  }

  #link(to: number, ref: number): void {
    const { entriesMax, linksMax } = this.#bounds;
    const link = ++this.#links;
    const before = this.#latest[to % entriesMax] ?? 0;
    this.#distance[link % linksMax] = ref - to;
    this.#before[link % linksMax] = before === 0 ? 0 : link - before;
    this.#latest[to % entriesMax] = link;
  }

  #begin(): void {
    this.#todo.length = 0;
    this.#question = (this.#question + 1) >>> 0;
    if (this.#question !== 0) return;
    this.#visited.fill(0);
    this.#question = 1;
  }

  #isFirstVisit(ref: number): boolean {
    const place = ref % this.#bounds.entriesMax;
    if (this.#visited[place] === this.#question) return false;
    this.#visited[place] = this.#question;
    return true;
  }
}
