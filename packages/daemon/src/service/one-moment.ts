import { LatticeError } from '@lattice/model';
import type { Spool } from '../spool.js';
import { EventLoopShare } from './event-loop-share.js';
import type { ServiceContext } from './service-context.js';

/** A snapshot ends 60 s after it was taken: that leaves 45 s to copy what a slow reader has not taken by then. */
const patienceMs = 15_000;

/** Pages of a snapshot, and how they are kept. */
export interface SnapshotPages<Page> {
  readonly snapshot: Disposable;
  readonly pages: Iterable<Page>;
  readonly encode: (page: Page) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Page;
}

/**
 * Tells the pages of one moment to a reader that may take its time. While a snapshot is open the store's file grows, so
 * what is left of it when the reader's time is over is copied to the disk, and told from there.
 */
export async function* ofOneMoment<Page>(
  { timers, spools }: Pick<ServiceContext, 'timers' | 'spools'>,
  signal: AbortSignal,
  { snapshot, pages, encode, decode }: SnapshotPages<Page>,
): AsyncGenerator<Page> {
  let spooling: Promise<Spool> | undefined;
  const cancel = timers.after(patienceMs, () => {
    spooling = spools.open((spool) => fill(spool, left, encode));
    // Whoever waits for it is told.
    spooling?.catch(() => undefined);
  });
  let isRead = false;
  const left = readAhead(pages, () => {
    isRead = true;
    cancel();
    snapshot[Symbol.dispose]();
  });
  try {
    while (!spooling) {
      signal.throwIfAborted();
      const { value, done } = left.next();
      if (done === true) return;
      yield value;
    }
    for await (const bytes of (await spooling).pages()) {
      signal.throwIfAborted();
      yield decode(bytes);
    }
  } finally {
    cancel();
    left.return(undefined);
    if (!isRead) snapshot[Symbol.dispose]();
    const spool = await spooling?.catch(() => undefined);
    await spool?.[Symbol.asyncDispose]();
  }
}

/** Knows with each page whether it is the last: the snapshot of a short listing is over before its reader has seen any of it. */
function* readAhead<Page>(pages: Iterable<Page>, onRead: () => void): Generator<Page, undefined> {
  let ahead: readonly [Page] | undefined;
  try {
    for (const page of pages) {
      if (ahead) yield ahead[0];
      ahead = [page];
    }
  } catch (error) {
    // What was read before it is given out first.
    if (ahead) yield ahead[0];
    throw error instanceof LatticeError && error.code === 'snapshot-expired' ? cut() : error;
  } finally {
    onRead();
  }
  if (ahead) yield ahead[0];
}

async function fill<Page>(
  spool: Spool,
  left: Iterable<Page>,
  encode: (page: Page) => Uint8Array,
): Promise<void> {
  const share = new EventLoopShare();
  for (const page of left) {
    await spool.write(encode(page));
    await share.rest();
  }
}

function cut(): LatticeError {
  const message =
    'The listing was cut: it took more than a minute, and the store is not kept as it was for longer. Read it in parts, each from where the last one ended, or export to a file, which is faster than most programs read.';
  return new LatticeError('snapshot-expired', message);
}
