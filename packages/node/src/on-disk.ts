import { fromUtf8, LatticeError, type Logger, silentLogger, utf8 } from '@lattice/model';
import { LanDiscovery, openIrohThread, parseBind, parseRelayChoice, type Ports } from '@lattice/net';
import type { DiscoveryHost } from '@lattice/net-types';
import type { OrderedKv } from '@lattice/storage';
import { DataDirectory } from '@lattice/storage-node';
import { openNode } from './local-node.js';
import type { Node } from './public.js';
import { systemClock, systemRandom, systemTimers } from './system-ports.js';

/** What nodes speak: endpoints of another protocol, or of an incompatible version of it, do not even connect. */
const alpn = 'lattice/1';

export interface DiskNodeOptions {
  /** Made where it is missing. Whoever opens it holds its `DirectoryLock`. */
  readonly dataDir: string;
  /** Where to listen: addresses and ports as in `127.0.0.1:4001`; absent: everywhere, at the ports used last. */
  readonly bind?: string;
  /** The URL of a relay, "default" (those of Iroh's makers) or "off", which is what it is when absent. */
  readonly relay?: string;
  /** Whether to find members on the same network by multicast DNS, "on", which it is when absent, or "off". */
  readonly lan?: string;
  /** What this node calls itself in meshes. */
  readonly name?: string;
  /** Of the program that runs the node. */
  readonly version: string;
  readonly logger?: Logger;
}

/**
 * Opens the node of a data directory, over Iroh. Rejects with `data-dir-...`, `identity-...`, `invalid-bind`, `invalid-relay`
 * or `invalid-lan`; that a port is in use shows when the network starts.
 */
export async function openNodeOnDisk(options: DiskNodeOptions): Promise<Node> {
  const { logger = silentLogger, relay = 'off', version } = options;
  const bind = options.bind === undefined ? undefined : parseBind(options.bind);
  parseRelayChoice(relay);
  const looksNearby = parseLan(options.lan ?? 'on');
  const storage = await DataDirectory.open(options.dataDir, { random: systemRandom });
  for (const repair of storage.repairs) logger.log('warn', repair);
  return openNode({
    storage,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    logger,
    version,
    relay,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(looksNearby && {
      openDiscovery: (host: DiscoveryHost) =>
        new LanDiscovery({ host, timers: systemTimers, random: systemRandom, logger }),
    }),
    openTransport: async (seed) => {
      const ports = new PortMemory(storage.meta);
      const thread = await openIrohThread(
        {
          seed,
          alpn,
          ...(bind === undefined ? {} : { bind }),
          preferredPorts: ports.last,
          relay,
        },
        logger,
      );
      ports.last = thread.ports;
      return thread.transport;
    },
  });
}

function parseLan(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new LatticeError(
    'invalid-lan',
    `"${text}" is neither "on" nor "off": say whether to look for members nearby.`,
  );
}

/** The ports taken last: whoever knows this node's address finds it there again. */
class PortMemory {
  readonly #kv: OrderedKv;

  constructor(kv: OrderedKv) {
    this.#kv = kv;
  }

  get last(): Ports {
    const bytes = this.#kv.table('ports').get(utf8('last'));
    const text = (bytes && fromUtf8(bytes)) ?? '{}';
    try {
      return JSON.parse(text) as Ports;
    } catch {
      return {};
    }
  }

  set last(ports: Ports) {
    const table = this.#kv.table('ports');
    this.#kv.transaction(() => table.put(utf8('last'), utf8(JSON.stringify(ports))));
  }
}
