import {
  type AppliedLog,
  assert,
  type LocalDot,
  type LocalRef,
  type Slice,
  type StateMachine,
  type StoreId,
} from '@lattice/model';
import { decodeCursor, encodeCursor, type FollowPosition, type Listing } from './cursor.js';
import { Follower } from './follower.js';
import { Page } from './page.js';

/** So many operations passed over without an item to tell are worth a cursor of their own. */
const silentStepsMax = 16_384;

/** What following needs of the store behind it. */
export interface FollowBackend {
  readonly id: StoreId;
  readonly applied: AppliedLog;
}

/** What a type of store tells those who follow it. */
export interface Followed<Op, Item> {
  readonly machine: StateMachine<Op>;
  /** Asked for each page. */
  teller(page: Page<Item>): Teller<Op>;
}

/** Fills one page. */
export interface Teller<Op> {
  /** Of an operation that was applied. */
  tell(operation: Op, at: LocalDot): void;
  /**
   * Of what the state has behind `after`, until the page is full: returns how far it came. Once there is no more, that is
   * `behindListing`: so what changed behind the listing's back is told then.
   */
  listOn(from: Listing): FollowPosition;
}

export interface FollowOptions {
  /** The cursor to go on from. */
  readonly since?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where one begins who has no cursor; behind everything unless given. */
  readonly begin?: ((slice: Slice) => Promise<FollowPosition>) | undefined;
}

/** What is told in one go. */
export interface Told<Item> {
  readonly items: readonly Item[];
  readonly cursor: string;
  /** Whether it begins anew, with all that the state has. */
  readonly reset: boolean;
}

/**
 * Tells what happens in a store to one follower, who pulls: between two pulls there is nothing but a position in the order
 * of what was applied. Long ways are gone in slices, so that nobody else has to wait.
 */
export async function* follow<Op, Item>(
  backend: FollowBackend,
  followed: Followed<Op, Item>,
  { since, signal, begin }: FollowOptions,
): AsyncGenerator<Told<Item>, void, undefined> {
  const { applied, id } = backend;
  const slice = applied.slice();
  const position = since === undefined ? await begin?.(slice) : decodeCursor(since, id);
  const way = new Way(applied, followed, position ?? behindAll(applied));
  if (signal?.aborted) return;
  // Whoever has no cursor gets one before there is anything to tell.
  if (since === undefined) yield { items: [], cursor: encodeCursor(way.position, id), reset: false };
  let silentSteps = 0;
  for (let isFirst = since !== undefined; signal?.aborted !== true; await slice.rest()) {
    const page = new Page<Item>(slice);
    const reset = way.step(page);
    silentSteps += page.steps;
    if (isFirst || reset || page.items.length > 0 || silentSteps > silentStepsMax) {
      [isFirst, silentSteps] = [false, 0];
      yield { items: page.items, cursor: encodeCursor(way.position, id), reset };
    } else if (way.isAtEnd) await applied.changed(signal);
  }
}

/** Where everything that there is now was told. */
export function behindAll(applied: AppliedLog): FollowPosition {
  const { era, nextRef } = applied.end();
  return { kind: 'following', era, ref: nextRef, op: 0 };
}

/** Where a listing leads to. */
export function behindListing({ era, ref }: Listing): FollowPosition {
  return { kind: 'following', era, ref, op: 0 };
}

/** One follower's way through a store. */
class Way<Op, Item> {
  readonly #applied: AppliedLog;
  readonly #followed: Followed<Op, Item>;
  readonly #follower: Follower<Op>;
  #position: FollowPosition;

  constructor(applied: AppliedLog, followed: Followed<Op, Item>, position: FollowPosition) {
    this.#applied = applied;
    this.#followed = followed;
    this.#follower = new Follower(applied, followed.machine);
    this.#position = position;
  }

  get position(): FollowPosition {
    return this.#position;
  }

  /** Whether there is nothing more to tell for now. */
  get isAtEnd(): boolean {
    const { kind, ref } = this.#position;
    return kind === 'following' && ref === this.#applied.end().nextRef;
  }

  /** Goes on for as long as the page has room: in one go, so that nothing changes meanwhile. Returns whether it began anew. */
  step(page: Page<Item>): boolean {
    const reset = !this.#fits();
    if (reset) {
      this.#follower.forget();
      const { era, ref } = behindAll(this.#applied);
      this.#position = { kind: 'listing', era, ref, after: new Uint8Array(0) };
    }
    const from = this.#position;
    const teller = this.#followed.teller(page);
    this.#position =
      from.kind === 'listing'
        ? teller.listOn(from)
        : this.#follower.followOn(from, page, (operation, at) => teller.tell(operation, at));
    assert(!reset || this.#fits(), 'where a follower begins anew is a place that there is');
    return reset;
  }

  #fits(): boolean {
    const position = this.#position;
    const isInside = position.kind === 'following' && position.op > 0;
    const nextRef = (isInside ? position.ref + 1 : position.ref) as LocalRef;
    return this.#applied.fits({ era: position.era, nextRef });
  }
}
