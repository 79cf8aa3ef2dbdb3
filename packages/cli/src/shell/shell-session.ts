import { type LatticeClient, PeerEventKind, type SubscribeResponse } from '@lattice/api';
import type { Role } from '@lattice/daemon';
import { LatticeError, messageOf } from '@lattice/model';
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
  const session = new Session({
    surroundings,
    global,
    role,
    logger: stderrLogger(stderr, global.logLevel, tell),
    signal,
    onOpen: async (access) => {
      const { owned, client } = access;
      owned?.node.startNetwork().catch((error: unknown) => tell(harmless(offlineText(error))));
      if (onEvent === undefined) return;
      // What a node of this process warns of, its logger tells.
      const isNews = (event: SubscribeResponse) => !(owned && event.event.case === 'warning');
      void follow(client, signal, (event) => isNews(event) && onEvent(event))
        .then(() => true, isDaemonGone)
        .then(async (isOver) => {
          if (signal.aborted || !isOver || !(await session.forget(access))) return;
          tell('The process that ran this node is gone: the next command runs it here.');
        });
    },
  });
  return session;
}

function isDaemonGone(error: unknown): boolean {
  return error instanceof LatticeError && error.code === 'daemon-gone';
}

/** All events but that this node has joined, which whoever asked it to knows. */
async function follow(
  client: LatticeClient,
  signal: AbortSignal,
  onEvent: (event: SubscribeResponse) => void,
): Promise<void> {
  const events = client.subscribe({}, { signal });
  const { nodeId } = await client.nodeStatus({});
  for await (const event of events) {
    const { event: what } = event;
    const isOwn = what.case === 'peer' && what.value.nodeId === nodeId;
    if (!(isOwn && what.value.kind === PeerEventKind.JOINED)) onEvent(event);
  }
}

function offlineText(error: unknown): string {
  return `This node stays offline: ${messageOf(error)}`;
}
