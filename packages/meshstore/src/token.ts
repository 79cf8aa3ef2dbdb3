import { blake3 } from '@lattice/crypto';
import {
  assert,
  equalBytes,
  LatticeError,
  type NodeId,
  parseNodeId,
  parseStoreId,
  type StoreId,
} from '@lattice/model';
import { ByteReader, ByteWriter, MalformedError } from '@lattice/proto';
import { isAddress, readAddress, writeAddress } from './address.js';
import { type Base32, decodeBase32, encodeBase32 } from './base32.js';
import { inviteSecretBytes } from './invite.js';

/*
 * A token is the text "lattice", the format's number "1", and in base32 (RFC 4648, lower case, no padding):
 *
 *   length      varint    bytes of all that follows
 *   mesh        32 bytes
 *   secret      32 bytes
 *   expiry      varint    Unix milliseconds, as in the invite
 *   members     u8, 0 to 8; for each:
 *     node      32 bytes
 *     direct    u8, 0 to 8, then as many addresses
 *     relay     u8, 0 or 1, then as many addresses
 *   checksum    4 bytes   the first of BLAKE3 (domain "token") of all before it, the length included
 *
 *   address     see address.ts
 */

/** How to reach one member. */
export interface TokenMember {
  readonly nodeId: NodeId;
  /** Addresses as the transport writes them, "192.168.1.5:4433". */
  readonly direct: readonly string[];
  /** URL of its relay. */
  readonly relay?: string;
}

/** What one needs to join a mesh. The secret is in it: whoever has the token can join, once. */
export interface Token {
  readonly mesh: StoreId;
  readonly secret: Uint8Array;
  readonly expiryMs: number;
  readonly members: readonly TokenMember[];
}

export const tokenMembersMax = 8;
export const tokenAddressesMax = 8;

/** The text to hand over: about 250 characters with one member and three addresses. */
export function encodeToken(token: Token): string {
  assert(token.secret.length === inviteSecretBytes, 'an invite secret has 32 bytes');
  assert(token.members.length <= tokenMembersMax, `a token names at most ${tokenMembersMax} members`);
  const body = new ByteWriter(256)
    .raw(token.mesh)
    .raw(token.secret)
    .varint(token.expiryMs)
    .u8(token.members.length);
  for (const member of token.members) writeMember(body, member);
  const checked = new ByteWriter(256).varint(body.length + checksumBytes).raw(body.view());
  return formatPrefix + encodeBase32(checked.raw(checksum(checked.view())).view());
}

/**
 * Reads a token as people hand it over: with line breaks and spaces anywhere, in either case. Throws `token-invalid` (no
 * token at all), `token-version` (made by a newer program), `token-truncated` or `token-altered`.
 */
export function parseToken(text: string): Token {
  if (text.length > textCharsMax) throw notAToken();
  const compact = text.replaceAll(/\s/g, '').toLowerCase();
  const format = /^lattice([1-9])/.exec(compact)?.[1];
  if (format === undefined) throw notAToken();
  if (format !== formatNumber) throw tooNew(format);
  const decoded = decodeBase32(compact.slice(formatPrefix.length));
  if (decoded === undefined) throw altered();
  return parseBytes(decoded);
}

/** Whether nobody may be admitted on it any more. In its very last millisecond one still may. */
export function tokenExpired({ expiryMs }: Pick<Token, 'expiryMs'>, nowMs: number): boolean {
  return nowMs > expiryMs;
}

const formatNumber = '1';
const formatPrefix = `lattice${formatNumber}`;
const checksumBytes = 4;
/** Far more than the longest token has (34,000) with line breaks: what is longer need not be looked at. */
const textCharsMax = 100_000;

/** Checks in the order of what a person can do about it: fetch the rest, copy again, and last, ask the inviter. */
function parseBytes({ bytes, canonical }: Base32): Token {
  const reader = new ByteReader(bytes);
  const stated = statedLength(reader);
  if (stated === undefined || stated > reader.remaining) throw truncated();
  const checked = bytes.subarray(0, bytes.length - checksumBytes);
  const intact = equalBytes(checksum(checked), bytes.subarray(checked.length));
  if (!canonical || stated < reader.remaining || !intact) throw altered();
  try {
    return readToken(new ByteReader(reader.raw(stated - checksumBytes)));
  } catch (error) {
    if (error instanceof MalformedError) throw notAToken(error);
    throw error;
  }
}

function statedLength(reader: ByteReader): number | undefined {
  try {
    const stated = reader.varint();
    return stated >= checksumBytes ? stated : undefined;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function readToken(reader: ByteReader): Token {
  const mesh = parseStoreId(reader.raw(32).slice());
  const secret = reader.raw(inviteSecretBytes).slice();
  const expiryMs = reader.varint();
  const count = readCount(reader, tokenMembersMax);
  const members = Array.from({ length: count }, () => readMember(reader));
  reader.end();
  return { mesh, secret, expiryMs, members };
}

function writeMember(writer: ByteWriter, { nodeId, direct, relay }: TokenMember): void {
  assert(
    direct.length <= tokenAddressesMax,
    `a token names at most ${tokenAddressesMax} addresses of a member`,
  );
  const relays = relay === undefined ? [] : [relay];
  assert([...direct, ...relays].every(isAddress), 'an address is 1 to 256 bytes of text');
  writer.raw(nodeId);
  for (const addresses of [direct, relays]) {
    writer.u8(addresses.length);
    for (const address of addresses) writeAddress(writer, address);
  }
}

function readMember(reader: ByteReader): TokenMember {
  const nodeId = parseNodeId(reader.raw(32).slice());
  const direct = readAddresses(reader, tokenAddressesMax);
  const [relay] = readAddresses(reader, 1);
  return relay === undefined ? { nodeId, direct } : { nodeId, direct, relay };
}

function readAddresses(reader: ByteReader, max: number): string[] {
  return Array.from({ length: readCount(reader, max) }, () => readAddress(reader));
}

function readCount(reader: ByteReader, max: number): number {
  const count = reader.u8();
  if (count > max) throw new MalformedError(`a token lists ${count} where ${max} is the most`);
  return count;
}

function checksum(bytes: Uint8Array): Uint8Array {
  return blake3('token', bytes).subarray(0, checksumBytes);
}

function notAToken(cause?: unknown): LatticeError {
  return new LatticeError(
    'token-invalid',
    `This is not an invite token: one starts with "${formatPrefix}"; ask a member of the mesh for one.`,
    { cause },
  );
}

function truncated(): LatticeError {
  return new LatticeError(
    'token-truncated',
    'The token is incomplete: copy it again, to its last character.',
  );
}

function altered(): LatticeError {
  return new LatticeError(
    'token-altered',
    'The token was altered on its way: a character in it is wrong, missing or too many; copy it again.',
  );
}

function tooNew(format: string): LatticeError {
  return new LatticeError(
    'token-version',
    `The token is of format ${format}, this program knows format ${formatNumber}: upgrade it and join again.`,
  );
}
