import { assert, concatBytes } from '@lattice/model';
import type { CloseReason, Connection, PeerAddress, Stream, Transport } from '@lattice/net-types';
import { decodeMessage, encodeMessage, newMessage, wire } from '@lattice/proto';

type Kind = NonNullable<Parameters<typeof newMessage<typeof wire.StreamOpenSchema>>[1]['kind']>;
type Control = NonNullable<Parameters<typeof newMessage<typeof wire.ControlMessageSchema>>[1]['body']>;
type Sync = NonNullable<Parameters<typeof newMessage<typeof wire.SyncMessageSchema>>[1]['body']>;

/** A peer that a test plays by hand: it says what the test wants said, and keeps every byte that it hears. */
export class RawPeer {
  readonly connection: Connection;
  /** Why the connection has ended, once it has. */
  ended: CloseReason | undefined;
  readonly #streams: RawStream[] = [];

  /** What the peer or the network gave as the reason, once the connection has ended. */
  get endReason(): string | undefined {
    return this.ended?.reason;
  }

  static async dial(transport: Transport, address: PeerAddress): Promise<RawPeer> {
    return new RawPeer(await transport.connect(address, new AbortController().signal));
  }

  constructor(connection: Connection) {
    this.connection = connection;
    void connection.closed.then((reason) => (this.ended = reason));
    void this.#acceptAll();
  }

  /** All streams that the peer opened. */
  get accepted(): readonly RawStream[] {
    return this.#streams.filter(({ isOurs }) => !isOurs);
  }

  /** All that was heard, on all streams. */
  get received(): Uint8Array {
    return concatBytes(...this.#streams.map(({ received }) => received));
  }

  /** Opens a stream and says nothing. */
  async open(): Promise<RawStream> {
    const stream = new RawStream(await this.connection.openStream(), true);
    this.#streams.push(stream);
    return stream;
  }

  async openKind(kind: Kind): Promise<RawStream> {
    const stream = await this.open();
    await stream.frame(encodeMessage(wire.StreamOpenSchema, newMessage(wire.StreamOpenSchema, { kind })));
    return stream;
  }

  /** Opens the control stream and says hello. */
  async greet(tags: Uint8Array[] = [], protocol = 1): Promise<RawStream> {
    const control = await this.openKind({ case: 'control', value: {} });
    const hello = { protocol, software: 'by hand', clockMs: 0n, meshes: { tags } };
    await control.control({ case: 'hello', value: hello });
    return control;
  }

  async #acceptAll(): Promise<void> {
    const next = () => this.connection.acceptStream();
    for (let stream = await next(); stream; stream = await next())
      this.#streams.push(new RawStream(stream, false));
  }
}

export class RawStream {
  readonly isOurs: boolean;
  /** Whether there will be nothing more to hear: the peer has finished, or the stream is broken. */
  isOver = false;
  /** Whether something could not be said, since the stream is broken. */
  isBroken = false;
  readonly #stream: Stream;
  readonly #pieces: Uint8Array[] = [];
  #isDeaf = false;
  #hear: () => void = () => undefined;

  constructor(stream: Stream, isOurs: boolean) {
    this.#stream = stream;
    this.isOurs = isOurs;
    void this.#listen();
  }

  get received(): Uint8Array {
    return concatBytes(...this.#pieces);
  }

  /** What was heard so far, cut into frames. */
  get frames(): readonly Uint8Array[] {
    const { received } = this;
    const view = new DataView(received.buffer, received.byteOffset, received.byteLength);
    const frames: Uint8Array[] = [];
    for (let at = 0; at + 4 <= received.length;) {
      const end = at + 4 + view.getUint32(at);
      if (end <= received.length) frames.push(received.subarray(at + 4, end));
      at = end;
    }
    return frames;
  }

  get controlMessages(): readonly wire.ControlMessage['body'][] {
    return this.frames.map((frame) => decodeMessage(wire.ControlMessageSchema, frame).body);
  }

  get syncMessages(): readonly wire.SyncMessage['body'][] {
    return this.frames.map((frame) => decodeMessage(wire.SyncMessageSchema, frame).body);
  }

  /** Bytes as they are, without a frame. What the other side makes of it is heard later: this never rejects. */
  async bytes(bytes: Uint8Array): Promise<void> {
    await this.#stream.write(bytes).catch(() => (this.isBroken = true));
  }

  frame(body: Uint8Array): Promise<void> {
    return this.bytes(framed(body, body.length));
  }

  /** The beginning of a frame that says it is longer. */
  frameOf(lengthSaid: number, body: Uint8Array): Promise<void> {
    return this.bytes(framed(body, lengthSaid));
  }

  control(body: Control): Promise<void> {
    return this.frame(
      encodeMessage(wire.ControlMessageSchema, newMessage(wire.ControlMessageSchema, { body })),
    );
  }

  sync(body: Sync): Promise<void> {
    return this.frame(encodeMessage(wire.SyncMessageSchema, newMessage(wire.SyncMessageSchema, { body })));
  }

  /** Says nothing more. */
  async finish(): Promise<void> {
    await this.#stream.finish().catch(() => undefined);
  }

  /** Reads nothing more, until told to listen again. */
  deafen(): void {
    this.#isDeaf = true;
  }

  listen(): void {
    this.#isDeaf = false;
    this.#hear();
  }

  async #listen(): Promise<void> {
    try {
      for (let piece = await this.#stream.read(); piece; piece = await this.#stream.read()) {
        this.#pieces.push(piece);
        if (this.#isDeaf) await new Promise<void>((resolve) => (this.#hear = resolve));
      }
    } catch {
      // That it broke is what the test wants to know.
    }
    this.isOver = true;
  }
}

function framed(body: Uint8Array, length: number): Uint8Array {
  assert(length < 2 ** 32, 'a length has four bytes');
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, length);
  return concatBytes(header, body);
}
