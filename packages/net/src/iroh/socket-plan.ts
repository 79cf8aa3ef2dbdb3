import { isIP } from 'node:net';
import { LatticeError } from '@lattice/model';
import type { BindAddress } from './bind-address.js';

export type Family = 'v4' | 'v6';

/** The ports of each address family; a family that is not there is not on this machine. */
export type Ports = Partial<Readonly<Record<Family, number>>>;

/** What to bind of one address family, and what of it somebody asked for in so many words. */
export interface SocketWish {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly isHostAsked: boolean;
  readonly isPortAsked: boolean;
}

export type SocketPlan = Partial<Readonly<Record<Family, SocketWish>>>;

const everywhere = { v4: '0.0.0.0', v6: '::' } as const;
const loopback = { v4: '127.0.0.1', v6: '::1' } as const;

/**
 * Both families are always planned, since the binding opens a socket of each, and one that it is not told about listens on
 * all interfaces. A family that nobody asked for follows the other: everywhere with everywhere, else on loopback only.
 */
export function planSockets(asked: readonly BindAddress[], preferred: Ports): SocketPlan {
  return { v4: wishOf('v4', asked, preferred), v6: wishOf('v6', asked, preferred) };
}

export function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

export function isEverywhere(host: string): boolean {
  return host === everywhere.v4 || host === everywhere.v6;
}

/** As the binding reads it. */
export function socketText({ host, port }: { readonly host: string; readonly port: number }): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function wishOf(family: Family, asked: readonly BindAddress[], preferred: Ports): SocketWish {
  const own = asked.filter((address) => isOf(family, address));
  if (own.length > 1) {
    throw new LatticeError('invalid-bind', `Listen on one IP${family} address: several are not supported.`);
  }
  const lastUsed = preferred[family] ?? 0;
  if (own[0] === undefined) {
    const isOpen = asked.every(({ host }) => host !== undefined && isEverywhere(host));
    const host = isOpen ? everywhere[family] : loopback[family];
    return { host, port: lastUsed, isHostAsked: false, isPortAsked: false };
  }
  const { host = everywhere[family], port = 0 } = own[0];
  return {
    host: host === 'localhost' ? loopback[family] : host,
    port: port === 0 ? lastUsed : port,
    isHostAsked: own[0].host !== undefined && host !== 'localhost',
    isPortAsked: port !== 0,
  };
}

function isOf(family: Family, { host }: BindAddress): boolean {
  if (host === undefined || host === 'localhost') return true;
  return isIP(host) === (family === 'v4' ? 4 : 6);
}
