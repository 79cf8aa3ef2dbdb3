import type { SubscribeResponse } from '@lattice/api';
import type { Role } from '@lattice/daemon';
import type { GlobalOptions } from '../line/global-options.js';
import { harmless } from '../output/printable.js';
import type { Writer } from '../output/writer.js';
import { Session } from '../session.js';
import { stderrLogger } from '../stderr-logger.js';
import type { Surroundings } from '../surroundings.js';

export interface ShellStreams {
  readonly surroundings: Surroundings;
  readonly stdout: Writer;
  readonly stderr: Writer;
}

/**
 * A session that keeps the node on the network meanwhile. `onEvent` is told what happens on it. Nothing waits for the
 * network, and a network that cannot start is no reason not to read and write.
 */
export function openShellSession(
  global: GlobalOptions,
  { surroundings, stderr }: ShellStreams,
  {
    role,
    signal,
    onEvent,
    tell = (text) => stderr.writeNow(`${text}\n`),
  }: {
    readonly role: Role;
    readonly signal: AbortSignal;
    readonly onEvent?: (event: SubscribeResponse) => void;
    /** Shows what has no other place; if not given, on standard error. */
    readonly tell?: (text: string) => void;
  },
): Session {
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
  events: AsyncIterable<SubscribeResponse>,
  onEvent: (event: SubscribeResponse) => void,
): Promise<void> {
  for await (const event of events) onEvent(event);
}

function offlineText(error: unknown): string {
  return `This node stays offline: ${error instanceof Error ? error.message : String(error)}`;
}
