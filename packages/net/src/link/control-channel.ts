import type { Stream } from '@lattice/net-types';
import { decodeMessage, encodeMessage, newMessage, wire } from '@lattice/proto';
import { FrameWriter } from '../frames.js';
import type { GuardedReader } from './guarded-reader.js';
import { SendQueue } from './send-queue.js';

/** How much may wait for a slow peer before new bundles are no longer pushed to it: a sync brings them later. */
const pushBytesMax = 4 * 1024 * 1024;
/** How much may wait in all: no peer that reads lets it come to that. */
const waitingBytesMax = 5 * 1024 * 1024;

export type Body = NonNullable<Parameters<typeof newMessage<typeof wire.ControlMessageSchema>>[1]['body']>;

/** The stream for everything that is not a sync. */
export class ControlChannel {
  readonly #queue: SendQueue;
  readonly #reader: GuardedReader;
  readonly #onClogged: () => void;

  /** `onClogged`: the peer does not read, and too much waits for it. */
  constructor(stream: Stream, reader: GuardedReader, onClogged: () => void) {
    this.#reader = reader;
    this.#onClogged = onClogged;
    this.#queue = new SendQueue(new FrameWriter(stream));
  }

  /** Opens the channel from the dialler's side. */
  greet(): void {
    const open = newMessage(wire.StreamOpenSchema, { kind: { case: 'control', value: {} } });
    this.#queue.push(encodeMessage(wire.StreamOpenSchema, open));
  }

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return this.#queue.bytes === 0;
  }

  send(body: Body): void {
    this.#queue.push(
      encodeMessage(wire.ControlMessageSchema, newMessage(wire.ControlMessageSchema, { body })),
    );
    if (this.#queue.bytes > waitingBytesMax) this.#onClogged();
  }

  /** Whether the bundle is on its way; if not, the peer is too slow just now. */
  push(store: Uint8Array, bundle: Uint8Array, round: number): boolean {
    if (this.#queue.bytes + bundle.length > pushBytesMax) return false;
    this.send({ case: 'push', value: { store, bundle, round } });
    return true;
  }

  /** How much was heard so far. */
  get heardBytes(): number {
    return this.#reader.heardBytes;
  }

  /** As the reader does. */
  watch(limitMs: number, onSilence: () => void): Disposable {
    return this.#reader.watch(limitMs, onSilence);
  }

  /** Resolves when all that waited is on its way. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  /** The peer's next message; `undefined` when it has finished. Rejects with `MalformedError` or as the stream does. */
  async next(): Promise<wire.ControlMessage | undefined> {
    const frame = await this.#reader.next();
    return frame && decodeMessage(wire.ControlMessageSchema, frame);
  }
}
