import { utf8 } from '@lattice/model';

/** What a hash or a signature is for. The names are part of the protocol. */
export const domains = [
  'genesis',
  'entry',
  'tips',
  'short-id',
  'mesh-tag',
  'lan-tag',
  'invite',
  'token',
  'chain',
  'gossip',
] as const;
export type Domain = (typeof domains)[number];

const tags = new Map<Domain, Uint8Array>();

/**
 * A domain's tag: "lattice/1 " and its name in ASCII, padded with zero bytes to 32. It is the key of the domain's keyed
 * BLAKE3, and the prefix of its signed messages. Not the caller's to change.
 */
export function domainTag(domain: Domain): Uint8Array {
  const known = tags.get(domain);
  if (known) return known;
  const tag = new Uint8Array(32);
  tag.set(utf8(`lattice/1 ${domain}`));
  tags.set(domain, tag);
  return tag;
}
