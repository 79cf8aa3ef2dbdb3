import { assert, LatticeError, toHex } from '@lattice/model';
import type { Connection, Stream, Transport } from '@lattice/net-types';

/** What the suite needs of an implementation: transports that can reach each other, and a way to clean up. */
export interface TransportRig extends AsyncDisposable {
  /** Another node, with a key of its own. */
  open(): Promise<Transport>;
  /** In the implementation's own form, an address that nobody answers at. */
  readonly deadAddress: string;
}

export interface TransportCase {
  readonly name: string;
  readonly run: (rig: TransportRig) => Promise<void>;
}

/** Two nodes and one connection between them, as each side has it. */
export interface Pair {
  readonly dialler: Transport;
  readonly listener: Transport;
  readonly near: Connection;
  readonly far: Connection;
}

export const never: AbortSignal = new AbortController().signal;

export async function openPair(rig: TransportRig): Promise<Pair> {
  const [dialler, listener] = await Promise.all([rig.open(), rig.open()]);
  const [near, far] = await connectBoth(dialler, listener);
  return { dialler, listener, near, far };
}

export async function connectBoth(
  dialler: Transport,
  listener: Transport,
): Promise<readonly [Connection, Connection]> {
  const [near, far] = await Promise.all([dialler.connect(listener.address(), never), listener.accept()]);
  assert(far !== undefined, 'the other side accepts');
  return [near, far];
}

/** A stream that both sides have: the opener's first byte has been read away. */
export async function openBoth(near: Connection, far: Connection): Promise<readonly [Stream, Stream]> {
  const [own, other] = await Promise.all([openWithByte(near), far.acceptStream()]);
  assert(other !== undefined, 'the other side accepts');
  equal(toHex(await readExactly(other, 1)), '00', 'the first byte');
  return [own, other];
}

async function openWithByte(connection: Connection): Promise<Stream> {
  const stream = await connection.openStream();
  await stream.write(Uint8Array.of(0));
  return stream;
}

export async function readExactly(stream: Stream, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let filled = 0; filled < count;) {
    const piece = await stream.read();
    assert(piece !== undefined, `${count} bytes arrive`);
    assert(filled + piece.length <= count, `no more than ${count} bytes arrive`);
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes;
}

/** Bytes that repeat at no power of two, and differ between seeds: lost, swapped or doubled pieces show. */
export function pattern(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed + 1) * 0x9e37_79b1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export function equal<T>(actual: T, expected: T, what: string): void {
  assert(Object.is(actual, expected), `${what}: expected ${String(expected)}, got ${String(actual)}`);
}

/** That the promise rejects with one of these codes. */
export async function rejectsWith(promise: Promise<unknown>, ...codes: readonly string[]): Promise<void> {
  const outcome = await promise.then(
    () => 'success',
    (error: unknown) => (error instanceof LatticeError ? error.code : String(error)),
  );
  assert(codes.includes(outcome), `expected ${codes.join(' or ')}, got ${outcome}`);
}
