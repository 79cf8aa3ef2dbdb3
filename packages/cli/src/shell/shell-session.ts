import type { Role } from '@lattice/daemon';
import type { GlobalOptions } from '../line/global-options.js';
import { harmless } from '../output/printable.js';
import type { Writer } from '../output/writer.js';
import { Session } from '../session.js';
import { stderrLogger } from '../stderr-logger.js';
import type { Surroundings } from '../surroundings.js';
import { eventText } from './event-text.js';

export interface ShellStreams {
  readonly surroundings: Surroundings;
  readonly stdout: Writer;
  readonly stderr: Writer;
}

/**
 * A session that keeps the node on the network meanwhile. `onEvent` is told in words what happens on it. Nothing waits
 * for the network, and a network that cannot start is no reason not to read and write.
 */
export function openShellSession(
  global: GlobalOptions,
  { surroundings, stderr }: ShellStreams,
  {
    role,
    signal,
    onEvent,
  }: {
    readonly role: Role;
    readonly signal: AbortSignal;
    readonly onEvent?: (text: string) => void;
  },
): Session {
  const tell = onEvent ?? ((text: string) => stderr.writeNow(`${text}\n`));
  return new Session({
    surroundings,
    global,
    role,
    logger: stderrLogger(stderr, global.logLevel),
    signal,
    onOpen: async ({ owned, client }) => {
      owned?.node.startNetwork().catch((error: unknown) => tell(harmless(offlineText(error))));
      if (onEvent !== undefined) follow(client.subscribe({}, { signal }), onEvent).catch(() => undefined);
    },
  });
}

async function follow(
  events: AsyncIterable<Parameters<typeof eventText>[0]>,
  onEvent: (text: string) => void,
): Promise<void> {
  for await (const event of events) {
    const text = eventText(event);
    if (text !== undefined) onEvent(text);
  }
}

function offlineText(error: unknown): string {
  return `This node stays offline: ${error instanceof Error ? error.message : String(error)}`;
}
