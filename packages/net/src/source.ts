import type { ConnectionInfo } from '@lattice/net-types';

/**
 * Where a connection comes from, as far as one can be told from another by what costs something: an address of IPv4, or of IPv6
 * the network of 64 bits that is the least that a site has. All who come over one relay are one.
 */
export function sourceOf({ path, remoteAddress = '' }: ConnectionInfo): string {
  if (path === 'relay') return remoteAddress;
  const { v6, rest } = /^(?:\[(?<v6>[^\]]*)\]|(?<rest>.*?))(?::\d+)?$/.exec(remoteAddress)?.groups ?? {};
  if (v6 === undefined) return rest ?? remoteAddress;
  return /^::ffff:(?<v4>[\d.]+)$/i.exec(v6)?.groups?.['v4'] ?? networkOf(v6);
}

/** The first four groups of an address of IPv6. */
function networkOf(host: string): string {
  const [before, after] = host.toLowerCase().split('::').map(groupsOf);
  const zeros = after ? 8 - (before?.length ?? 0) - after.length : 0;
  const groups = [
    ...(before ?? []),
    ...Array.from({ length: Math.max(0, zeros) }, () => '0'),
    ...(after ?? []),
  ];
  return groups.slice(0, 4).join(':');
}

function groupsOf(part: string): readonly string[] {
  return part === '' ? [] : part.split(':').map((group) => group.replace(/^0+(?=.)/, ''));
}
