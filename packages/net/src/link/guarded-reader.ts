import type { Timers } from '@lattice/model';
import type { Stream } from '@lattice/net-types';
import { type FrameGate, FrameReader } from '../frames.js';
import type { PeerRoom, Place } from './inbound-room.js';
import { Watchdog } from './watchdog.js';

/** So small a frame asks for no room: there are few streams, and each has one. */
const smallBytes = 4 * 1024;

/**
 * Reads what a peer says on one stream, no more at a time than there is room for and for no longer than it may be silent. A frame
 * keeps its room until the next one is asked for, as whoever reads has then dealt with it, or until the reader is disposed.
 */
export class GuardedReader implements FrameGate, Disposable {
  readonly #reader: FrameReader;
  readonly #timers: Timers;
  readonly #room: PeerRoom;
  #heardBytes = 0;
  #place: Place | undefined;
  #watchdog: Watchdog | undefined;

  constructor(stream: Stream, room: PeerRoom, timers: Timers) {
    this.#reader = new FrameReader(stream, undefined, this);
    this.#timers = timers;
    this.#room = room;
  }

  /** How many bytes were heard so far. */
  get heardBytes(): number {
    return this.#heardBytes;
  }

  /** Calls back when the peer was silent for so long, until that is disposed. One watch at a time. */
  watch(limitMs: number, onSilence: () => void): Disposable {
    this.#watchdog = new Watchdog(this.#timers, limitMs, onSilence);
    return this.#watchdog;
  }

  /** As a `FrameReader` does. */
  async next(): Promise<Uint8Array | undefined> {
    this.#leave();
    const frame = await this.#reader.next();
    this.#watchdog?.heard();
    return frame;
  }

  arrived(bytes: number): void {
    this.#heardBytes += bytes;
    this.#watchdog?.heardPart(bytes);
  }

  enter(length: number): void | Promise<void> {
    if (length <= smallBytes) return;
    const place = this.#room.enter(length);
    if (!(place instanceof Promise)) {
      this.#place = place;
      return;
    }
    return this.#wait(place);
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  /** That there is no room is nothing that the peer could help. */
  async #wait(place: Promise<Place>): Promise<void> {
    const watchdog = this.#watchdog;
    watchdog?.pause();
    this.#place = await place;
    watchdog?.resume();
  }

  #leave(): void {
    this.#place?.leave();
    this.#place = undefined;
  }
}
