import type { NetworkInterfaceInfo } from 'node:os';
import { networkInterfaces } from 'node:os';
import type { Family, Ports } from './socket-plan.js';
import { isEverywhere, isLoopback, socketText } from './socket-plan.js';

/** More than that help no peer, and each is one that it has to try. */
const ownAddressesMax = 32;

export interface BoundSocket {
  readonly family: Family;
  readonly host: string;
  readonly port: number;
}

/** Reads `127.0.0.1:4001` or `[::1]:4001`; `undefined` for anything else. */
export function parseSocket(text: string): BoundSocket | undefined {
  const parts = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<v4>[\d.]+)):(?<port>\d{1,5})$/.exec(text)?.groups;
  const host = parts?.['v4'] ?? parts?.['v6'];
  if (parts === undefined || host === undefined) return undefined;
  return { family: parts['v4'] === undefined ? 'v6' : 'v4', host, port: Number(parts['port']) };
}

export function portsOf(sockets: readonly BoundSocket[]): Ports {
  return Object.fromEntries(sockets.map(({ family, port }) => [family, port]));
}

/**
 * Where this node can be reached directly. The endpoint alone does not know: it goes on naming addresses that the machine
 * has lost, and misses some that it gained. So the machine is asked, and what the endpoint adds (its address as seen from
 * outside a NAT) comes on top.
 */
export class OwnAddresses {
  readonly #sockets: readonly BoundSocket[];
  readonly #interfaces: () => readonly NetworkInterfaceInfo[];
  /** Hosts that were this machine's at some time: named by the endpoint alone, they are gone. */
  readonly #hostsEver = new Set<string>();

  constructor(sockets: readonly BoundSocket[], interfaces = machineInterfaces) {
    this.#sockets = sockets;
    this.#interfaces = interfaces;
  }

  /** `ip:port` each, without duplicates. Loopback addresses only where there is nothing else. */
  list(fromEndpoint: readonly string[]): readonly string[] {
    const present = this.#present();
    for (const { host } of present) this.#hostsEver.add(host);
    const added = fromEndpoint.filter((text) => {
      const host = parseSocket(text)?.host;
      return host !== undefined && !this.#hostsEver.has(host);
    });
    const all = [...new Set([...present.map(socketText), ...added])];
    const beyond = all.filter((text) => !isLoopback(parseSocket(text)?.host ?? ''));
    return (beyond.length > 0 ? beyond : all).slice(0, ownAddressesMax);
  }

  #present(): readonly { readonly host: string; readonly port: number }[] {
    const interfaces = this.#interfaces();
    return this.#sockets.flatMap(({ family, host, port }) => {
      if (!isEverywhere(host)) return [{ host, port }];
      return interfaces.filter((each) => isOf(family, each)).map(({ address }) => ({ host: address, port }));
    });
  }
}

/** Link-local addresses are left out: they mean something only together with an interface's name. */
function isOf(family: Family, { family: of, address }: NetworkInterfaceInfo): boolean {
  return family === 'v4' ? of === 'IPv4' : of === 'IPv6' && !/^fe[89ab]/i.test(address);
}

function machineInterfaces(): readonly NetworkInterfaceInfo[] {
  try {
    return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  } catch {
    return []; // Some systems forbid it (Android): the endpoint's own list has to do.
  }
}
