import { directoryOptions } from '../session.js';
import { stderrLogger } from '../stderr-logger.js';
import { usageError } from '../usage-error.js';
import { command } from './command.js';

/** How long the commands of other processes may go on when the daemon is told to stop. */
const drainMs = 5_000;

export const daemonCommand = command({
  path: 'daemon',
  group: 'Node',
  summary: 'Run the node in the foreground',
  details:
    'Keeps up with peers and serves commands of other processes on this data directory. Ctrl-C or SIGTERM closes it ' +
    'cleanly; a second one ends it at once.',
  examples: [{ line: 'daemon --bind 4242', says: 'on a port of your choice' }],
  json: '{nodeId, socket, addresses}, once it is ready',
  run: async (_input, { global, output, shell, signal, surroundings }) => {
    if (shell !== undefined)
      throw usageError('The shell runs the node already: leave it first, then run `lattice daemon`.');
    const { openAsOwner } = await import('@lattice/daemon');
    const logger = stderrLogger(output.stderr, global.logLevel);
    const directory = await surroundings.openDirectory(directoryOptions(global, logger));
    const owned = await openAsOwner(directory, { role: 'daemon', logger, signal });
    try {
      await owned.node.startNetwork();
      const { nodeId, addresses } = await owned.client.nodeStatus({});
      await output.result({
        json: { nodeId, socket: owned.socketPath, addresses },
        text: `Ready: node ${nodeId}, ${placesText(addresses)}, for commands at ${owned.socketPath}`,
      });
      await aborted(signal);
    } finally {
      await owned.close({ drainMs });
    }
  },
});

function placesText(addresses: readonly string[]): string {
  return addresses.length > 0 ? `on ${addresses.join(', ')}` : 'with no network yet';
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
