import { parseNodeId } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';
import { MalformedError, newMessage, wire } from '@lattice/proto';

/** Bounds of what a peer may say about addresses. */
const directMax = 16;
const addressCharsMax = 256;

/** How many peers' addresses one node tells another at a time: its own, and those that it knows best. */
const peersMax = 256;

export function toWireAddresses(addresses: readonly PeerAddress[]): wire.PeerAddress[] {
  return addresses.slice(0, peersMax).map(toWireAddress);
}

/** Throws `MalformedError`. */
export function fromWireAddresses(peers: readonly wire.PeerAddress[]): readonly PeerAddress[] {
  if (peers.length > peersMax) throw new MalformedError(`over ${peersMax} peers' addresses`);
  return peers.map(fromWireAddress);
}

function toWireAddress({ nodeId, direct, relay }: PeerAddress): wire.PeerAddress {
  return newMessage(wire.PeerAddressSchema, {
    node: nodeId,
    direct: direct.slice(0, directMax),
    relay: relay ?? '',
  });
}

function fromWireAddress({ node, direct, relay }: wire.PeerAddress): PeerAddress {
  if (node.length !== 32) throw new MalformedError('a node id has the wrong length');
  const tooLong = [...direct, relay].some((address) => address.length > addressCharsMax);
  if (direct.length > directMax || tooLong) throw new MalformedError('an address is over its bounds');
  const address = { nodeId: parseNodeId(node), direct };
  return relay ? { ...address, relay } : address;
}
