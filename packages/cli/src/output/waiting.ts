import type { LatticeClient } from '@lattice/api';
import { counted } from '@lattice/model';
import type { CommandContext } from '../commands/command-context.js';
import { fitted } from './fitted.js';

/** Who waits for less sees nothing. */
const shownAfterMs = 500;
const redrawEveryMs = 250;

type Place = Pick<CommandContext, 'output' | 'surroundings'>;

/**
 * Waits for work on the network. Meanwhile a terminal shows that it goes on, for how long, and what is known of it by then:
 * "syncing: 3 s, received 12,345 entries". Everything else is told nothing.
 */
export async function waiting<T>(
  verb: string,
  { output: { stderr }, surroundings: { timers } }: Place,
  work: () => Promise<T>,
  known: (elapsedMs: number) => string,
): Promise<T> {
  if (!stderr.isTerminal) return work();
  const beganMs = timers.monotonicMs();
  let isShown = false;
  const draw = () => {
    isShown = true;
    const elapsedMs = timers.monotonicMs() - beganMs;
    const parts = [`${verb}: ${Math.floor(elapsedMs / 1_000)} s`, known(elapsedMs)];
    const line = parts.filter((part) => part !== '').join(', ');
    // A line that is broken could not be taken away again.
    stderr.writeNow(`\r\u001b[K${fitted(line, stderr.columns - 1)}`);
    cancel = timers.after(redrawEveryMs, draw);
  };
  let cancel = timers.after(shownAfterMs, draw);
  try {
    return await work();
  } finally {
    cancel();
    if (isShown) stderr.writeNow('\r\u001b[K');
  }
}

/** The same for work that brings entries: "joining: 3 s, 12,345 entries came (4,115/s)". */
export async function waitingForEntries<T>(
  verb: string,
  client: LatticeClient,
  place: Place,
  work: () => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  let entries = 0;
  // Without news it is told how long it takes, which is enough.
  if (place.output.stderr.isTerminal)
    onEntries(client, ended.signal, (count) => (entries += count)).catch(() => undefined);
  try {
    return await waiting(verb, place, work, (elapsedMs) =>
      entries === 0 ? '' : `${counted(entries, 'entry', 'entries')} came (${perSecond(entries, elapsedMs)})`,
    );
  } finally {
    ended.abort();
  }
}

export function perSecond(entries: number, elapsedMs: number): string {
  return `${Math.round((1_000 * entries) / elapsedMs).toLocaleString('en')}/s`;
}

async function onEntries(client: LatticeClient, signal: AbortSignal, callback: (count: number) => void) {
  for await (const { event } of client.subscribe({}, { signal }))
    if (event.case === 'storeChanged') callback(Number(event.value.entries));
}
