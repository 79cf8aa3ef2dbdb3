import type * as iroh from '@number0/iroh';
import type { NodeId } from '@lattice/model';
import { parseNodeId } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';
import { asked, askedAtLength } from './native-calls.js';
import type { RelayChoice } from './relay-choice.js';

/**
 * The only file that loads @number0/iroh; what others call of its objects they call by way of `asked`. Two things of the binding shape all others: it moves bytes as arrays of
 * numbers, slowly, on the calling thread (n0-computer/iroh-ffi#276); and a native object dies with its JavaScript object,
 * so whoever needs a connection or stream holds on to it. Its `watch...` functions abort the process ("no reactor
 * running"): they must not be called.
 */
type Iroh = typeof iroh;

export type NativeConnection = iroh.Connection;
export type NativeIncoming = iroh.Incoming;
export interface NativeStream {
  readonly send: iroh.SendStream;
  readonly recv: iroh.RecvStream;
}

export interface EndpointOptions {
  readonly seed: Uint8Array;
  readonly alpn: string;
  readonly relay: RelayChoice;
  /** `ip:port`, at most one per address family. Families that are left out get a random port where they can. */
  readonly sockets: readonly string[];
}

/** Loads the binding on first use, so that programs that merely might need a network start without it. */
export async function openEndpoint({ seed, alpn, relay, sockets }: EndpointOptions): Promise<NativeEndpoint> {
  const loaded = await import('@number0/iroh');
  const builder = loaded.Endpoint.builder();
  if (relay === 'default') {
    loaded.presetN0(builder);
  } else {
    loaded.presetMinimal(builder);
    builder.relayMode(
      relay === 'off' ? loaded.RelayMode.disabled() : loaded.RelayMode.customFromUrls([relay.href]),
    );
  }
  const protocol = [...new TextEncoder().encode(alpn)];
  builder.secretKey([...seed]);
  builder.alpns([protocol]);
  for (const socket of sockets) builder.bindAddr(socket);
  return new NativeEndpoint(loaded, await asked(builder.bind()), protocol);
}

export class NativeEndpoint {
  readonly #iroh: Iroh;
  readonly #endpoint: iroh.Endpoint;
  readonly #alpn: number[];

  constructor(loaded: Iroh, endpoint: iroh.Endpoint, alpn: number[]) {
    this.#iroh = loaded;
    this.#endpoint = endpoint;
    this.#alpn = alpn;
  }

  nodeId(): NodeId {
    return parseNodeId(Uint8Array.from(this.#endpoint.id().toBytes()));
  }

  boundSockets(): readonly string[] {
    return this.#endpoint.boundSockets();
  }

  /** Where the endpoint believes it can be reached. Addresses that the machine has lost may stay in it. */
  address(): { readonly direct: readonly string[]; readonly relay: string | undefined } {
    const address = this.#endpoint.addr();
    return { direct: address.directAddresses(), relay: address.relayUrl() ?? undefined };
  }

  /** Cannot be cancelled, and takes 30 s to fail. */
  dial(peer: PeerAddress): Promise<NativeConnection> {
    const id = this.#iroh.EndpointId.fromBytes([...peer.nodeId]);
    const address = new this.#iroh.EndpointAddr(id, peer.relay, [...peer.direct]);
    return askedAtLength(this.#endpoint.connect(address, this.#alpn));
  }

  /** `null` once the endpoint is closed. */
  acceptNext(): Promise<NativeIncoming | null> {
    return asked(this.#endpoint.acceptNext());
  }

  /** Tells all peers and waits for them, up to 3 s. The ports stay bound until this object is collected. */
  close(): Promise<void> {
    return askedAtLength(this.#endpoint.close());
  }
}

export function remoteIdOf(connection: NativeConnection): NodeId {
  return parseNodeId(Uint8Array.from(connection.remoteId().toBytes()));
}

export function closeConnection(connection: NativeConnection, reason: string): void {
  connection.close(0n, [...new TextEncoder().encode(reason)]);
}

/**
 * What one crossing moves, at most: the thread is blocked for 60 to 200 ns a byte, so this is also the longest pause that a
 * transfer makes in everything else. 64 KiB instead would be about a tenth faster, and pause four times as long (p99 of
 * the event loop's delay while receiving, on a busy machine: 6 ms against 25).
 */
export const pieceBytesMax = 16 * 1024;

const scratch = new Array<number>(pieceBytesMax).fill(0);

/** Hands over at most `pieceBytesMax` bytes. Resolves in a later turn of the event loop. */
export function writePiece(stream: iroh.SendStream, piece: Uint8Array): Promise<void> {
  // The binding copies before it returns, so that whole pieces can share one array: allocating it takes twice this loop.
  const numbers = piece.length === pieceBytesMax ? scratch : new Array<number>(piece.length);
  for (let i = 0; i < piece.length; i++) numbers[i] = piece[i] as number;
  return asked(stream.writeAll(numbers));
}

/** Empty when the peer has finished. */
export async function readPiece(stream: iroh.RecvStream): Promise<Uint8Array> {
  return Uint8Array.from(await asked(stream.read(pieceBytesMax)));
}
