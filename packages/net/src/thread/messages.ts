import { LatticeError, type LogLevel, type NodeId } from '@lattice/model';
import type { CloseReason, ConnectionInfo, PeerAddress } from '@lattice/net-types';

/** Takes a message to the other thread. What it is to transfer is there from then on, and here no more. */
export type Post<Message> = (message: Message, transfer?: readonly ArrayBuffer[]) => void;

/** What is asked of the thread that has the transport. A `call` is answered once, with its number. */
export type Request =
  | { readonly do: 'connect'; readonly call: number; readonly peer: PeerAddress }
  | { readonly do: 'abort'; readonly dial: number }
  | { readonly do: 'openStream'; readonly call: number; readonly connection: number }
  | { readonly do: 'closeConnection'; readonly connection: number; readonly reason: string }
  | {
      readonly do: 'write';
      readonly call: number;
      readonly stream: number;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | { readonly do: 'finish'; readonly call: number; readonly stream: number }
  /** Once for each piece: what was read and is not asked for yet lies where it is. */
  | { readonly do: 'read'; readonly stream: number }
  | { readonly do: 'reset'; readonly stream: number }
  | { readonly do: 'close' };

/** What that thread tells. */
export type Tidings =
  | { readonly is: 'done'; readonly call: number }
  | { readonly is: 'failed'; readonly call: number; readonly error: ErrorParts }
  | { readonly is: 'connection'; readonly call: number | undefined; readonly connection: ConnectionParts }
  | {
      readonly is: 'stream';
      readonly call: number | undefined;
      readonly connection: number;
      readonly stream: number;
    }
  /** `bytes`: `undefined` at the end of the stream. */
  | {
      readonly is: 'bytes';
      readonly stream: number;
      readonly bytes: Uint8Array<ArrayBuffer> | undefined;
    }
  | { readonly is: 'broken'; readonly stream: number; readonly error: ErrorParts }
  | { readonly is: 'info'; readonly connection: number; readonly info: ConnectionInfo }
  | { readonly is: 'connectionClosed'; readonly connection: number; readonly reason: CloseReason }
  | { readonly is: 'address'; readonly address: PeerAddress }
  | {
      readonly is: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number | boolean>>;
    }
  | { readonly is: 'closed' };

/**
 * How far a thread is: it has an endpoint, or is about to; it waits only for what the binding may take seconds to answer, as for a
 * dial that was given up; it may be ended.
 */
export const threadStages = { serving: 0, ending: 1, over: 2 } as const;

export interface ConnectionParts {
  readonly id: number;
  readonly remote: NodeId;
  readonly dialled: boolean;
  readonly info: ConnectionInfo;
}

/** An error as it crosses: threads do not share classes. */
export interface ErrorParts {
  readonly code: string;
  readonly message: string;
}

export function partsOf(error: unknown): ErrorParts {
  if (error instanceof LatticeError) return { code: error.code, message: error.message };
  throw error;
}

export function errorOf({ code, message }: ErrorParts): LatticeError {
  return new LatticeError(code, message);
}

/** Bytes that cross without being copied on the way: the buffer is theirs alone, and the sender has it no more. */
export function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
