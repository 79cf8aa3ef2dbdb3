import type { LatticeClient } from '@lattice/api';
import type { CommandContext } from '../commands/command-context.js';
import { counted } from './columns.js';

/** Who waits for less sees nothing. */
const shownAfterMs = 500;
const redrawEveryMs = 250;

/**
 * Waits for work on the network. Meanwhile a terminal shows that it goes on, for how long, and how much comes: "syncing:
 * 3 s, 12,345 entries came (4,115/s)". Everything else is told nothing.
 */
export async function waiting<T>(
  verb: string,
  client: LatticeClient,
  { output: { stderr }, surroundings: { timers } }: Pick<CommandContext, 'output' | 'surroundings'>,
  work: () => Promise<T>,
): Promise<T> {
  if (!stderr.isTerminal) return work();
  const ended = new AbortController();
  const beganMs = timers.monotonicMs();
  let entries = 0;
  let isShown = false;
  const draw = () => {
    isShown = true;
    stderr.writeNow(`\r\u001b[K${verb}: ${text(timers.monotonicMs() - beganMs, entries)}`);
    cancel = timers.after(redrawEveryMs, draw);
  };
  let cancel = timers.after(shownAfterMs, draw);
  // Without news it is told how long it takes, which is enough.
  onEntries(client, ended.signal, (count) => (entries += count)).catch(() => undefined);
  try {
    return await work();
  } finally {
    cancel();
    ended.abort();
    if (isShown) stderr.writeNow('\r\u001b[K');
  }
}

async function onEntries(client: LatticeClient, signal: AbortSignal, callback: (count: number) => void) {
  for await (const { event } of client.subscribe({}, { signal }))
    if (event.case === 'storeChanged') callback(Number(event.value.entries));
}

function text(elapsedMs: number, entries: number): string {
  const elapsed = `${Math.floor(elapsedMs / 1_000)} s`;
  if (entries === 0) return elapsed;
  const perSecond = Math.round((1_000 * entries) / elapsedMs).toLocaleString('en');
  return `${elapsed}, ${counted(entries, 'entry', 'entries')} came (${perSecond}/s)`;
}
