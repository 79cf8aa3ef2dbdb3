import { fromUtf8, utf8 } from '@lattice/model';
import type { ResponsePacket } from 'multicast-dns';
import type { Ports } from '../iroh/socket-plan.js';

export type ServiceRecord = NonNullable<ResponsePacket['answers']>[number];

/** DNS-SD's name of what a node offers (RFC 6763, section 7). */
export const serviceType = '_lattice._udp.local';
/** Who browses for all services that there are asks for this (RFC 6763, section 9). */
const allServices = '_services._dns-sd._udp.local';

/** Seconds for which what was heard is good (RFC 6762, section 10). */
const announcementTtl = 120;
/** How many of one packet are looked at. A node sends one. */
const announcementsMax = 16;
/** How many addresses are told, and believed, of one node. */
const hostsMax = 8;

/** What a node says of itself to everybody on the link. */
export interface Announcement {
  /** 16 random bytes in lowercase hexadecimal: the name of the service's instance. */
  readonly instance: string;
  /** 16 bytes, in lowercase hexadecimal, by which those recognise the node who know its id. */
  readonly tag: string;
  readonly ports: Ports;
  /** IP addresses. */
  readonly hosts: readonly string[];
}

/** As records of DNS-SD: PTR, SRV, TXT, A and AAAA. */
export function recordsOf({ instance, tag, ports, hosts }: Announcement): ServiceRecord[] {
  const name = `${instance}.${serviceType}`;
  const target = `${instance}.local`;
  const of = { ttl: announcementTtl, flush: true };
  const port = ports.v4 ?? ports.v6 ?? 0;
  const texts = [`t=${tag}`, ...(ports.v4 ? [`4=${ports.v4}`] : []), ...(ports.v6 ? [`6=${ports.v6}`] : [])];
  return [
    { type: 'PTR', name: serviceType, ttl: announcementTtl, data: name },
    { type: 'SRV', name, ...of, data: { port, target } },
    { type: 'TXT', name, ...of, data: texts.map((text) => Buffer.from(utf8(text))) },
    ...hosts.slice(0, hostsMax).map((data): ServiceRecord => {
      return { type: data.includes(':') ? 'AAAA' : 'A', name: target, ...of, data };
    }),
  ];
}

/** Takes an announcement back (RFC 6762, section 10.1). */
export function goodbyeOf({ instance }: Pick<Announcement, 'instance'>): ServiceRecord[] {
  return [{ type: 'PTR', name: serviceType, ttl: 0, data: `${instance}.${serviceType}` }];
}

/** Whether who asks that wants to hear announcements. */
export function asksForNodes({ name, type }: { readonly name: string; readonly type: string }): boolean {
  const asked = name.toLowerCase();
  return (
    (asked === serviceType && (type === 'PTR' || type === 'ANY')) || (asked === allServices && type === 'PTR')
  );
}

/** What the records of one packet say of nodes. What is odd about them is left out. */
export function announcementsIn(records: readonly ServiceRecord[]): readonly Announcement[] {
  const announcements: Announcement[] = [];
  for (const record of records) {
    if (announcements.length === announcementsMax) break;
    const instance = record.type === 'SRV' && record.ttl !== 0 ? instanceOf(record.name) : undefined;
    if (record.type !== 'SRV' || instance === undefined) continue;
    const texts = textsOf(records, record.name);
    const tag = texts.get('t') ?? '';
    const [v4, v6] = [portOf(texts.get('4')), portOf(texts.get('6'))];
    if (!isId(tag)) continue;
    const hosts = hostsOf(records, record.data.target);
    announcements.push({ instance, tag, hosts, ports: { ...(v4 && { v4 }), ...(v6 && { v6 }) } });
  }
  return announcements;
}

function instanceOf(name: string): string | undefined {
  const lower = name.toLowerCase();
  const instance = lower.slice(0, -serviceType.length - 1);
  return lower === `${instance}.${serviceType}` && isId(instance) ? instance : undefined;
}

/** The pairs of a TXT record (RFC 6763, section 6.3). */
function textsOf(records: readonly ServiceRecord[], name: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const record of records) {
    if (record.type !== 'TXT' || record.name !== name) continue;
    for (const part of [record.data].flat()) {
      const text = typeof part === 'string' ? part : fromUtf8(part);
      const end = text?.indexOf('=') ?? -1;
      if (text !== undefined && end > 0) texts.set(text.slice(0, end), text.slice(end + 1));
    }
  }
  return texts;
}

function hostsOf(records: readonly ServiceRecord[], target: string): readonly string[] {
  const hosts: string[] = [];
  for (const record of records) {
    if (hosts.length === hostsMax) break;
    if ((record.type === 'A' || record.type === 'AAAA') && record.name === target) hosts.push(record.data);
  }
  return hosts;
}

function isId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

function portOf(text: string | undefined): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(text ?? '') ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : undefined;
}
