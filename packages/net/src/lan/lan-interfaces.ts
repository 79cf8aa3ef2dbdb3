import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';

/** A way onto a link, by which multicast is sent and heard. */
export interface LanInterface {
  /** Another one where anything about it has changed. */
  readonly id: string;
  readonly type: 'udp4' | 'udp6';
  /** Of the group, and what sockets call the interface. */
  readonly group: string;
  readonly local: string;
  /** Whether packets from there come from this link: what was routed here is none of its business (RFC 6762, section 11). */
  readonly isOnLink: (address: string) => boolean;
}

type Addresses = NonNullable<ReturnType<typeof networkInterfaces>[string]>;

/**
 * Those of each interface that has one of these IP addresses: one for each of IPv4, as others on the link may share one of its
 * networks and not the next, or one over IPv6 where there are only such. Loopback is none.
 */
export function lanInterfaces(
  hosts: ReadonlySet<string>,
  all: Readonly<Record<string, Addresses | undefined>> = machineInterfaces(),
): readonly LanInterface[] {
  return Object.entries(all).flatMap(([name, addresses = []]) => {
    const usable = addresses.filter(({ internal, address }) => !internal && hosts.has(address));
    const v4 = usable.filter(({ family }) => family === 'IPv4');
    if (v4.length > 0) return v4.map(({ address }) => overV4(name, address, addresses));
    return usable.length > 0 ? [overV6(name, addresses)] : [];
  });
}

/** Whether addresses are on one of the links that this machine is on now. */
export function onOwnLinks(
  all: Readonly<Record<string, Addresses | undefined>> = machineInterfaces(),
): (address: string) => boolean {
  const link = linkOf(
    Object.values(all).flatMap((addresses = []) => addresses.filter(({ internal }) => !internal)),
  );
  return (address) => link.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

function overV4(name: string, address: string, addresses: Addresses): LanInterface {
  const link = linkOf(addresses);
  return {
    id: `${name} ${address}`,
    type: 'udp4',
    group: '224.0.0.251',
    local: address,
    isOnLink: (from) => link.check(from, 'ipv4'),
  };
}

function overV6(name: string, addresses: Addresses): LanInterface {
  const link = linkOf(addresses);
  return {
    id: `${name} v6`,
    type: 'udp6',
    group: `ff02::fb%${name}`,
    local: `::%${name}`,
    isOnLink: (from) => from.endsWith(`%${name}`) || (!from.includes('%') && link.check(from, 'ipv6')),
  };
}

function linkOf(addresses: Addresses): BlockList {
  const link = new BlockList();
  for (const { address, family, cidr } of addresses) {
    const bits = Number(cidr?.split('/')[1] ?? Number.NaN);
    if (Number.isInteger(bits)) link.addSubnet(address, bits, family === 'IPv4' ? 'ipv4' : 'ipv6');
  }
  return link;
}

function machineInterfaces(): ReturnType<typeof networkInterfaces> {
  try {
    return networkInterfaces();
  } catch {
    return {}; // Some systems forbid it (Android): then there is no finding on the link.
  }
}
