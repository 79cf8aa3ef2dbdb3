import { digestOf } from '@lattice/kernel';
import {
  type Bundle,
  concatBytes,
  type EntryRef,
  hlcLimit,
  hlcZero,
  type Hlc,
  type Timers,
} from '@lattice/model';
import { FrameReader, FrameWriter } from '@lattice/net';
import type { Connection, Stream } from '@lattice/net-types';
import {
  decodeMessage,
  encodeBundle,
  encodeMessage,
  newMessage,
  type SendableBundle,
  wire,
} from '@lattice/proto';
import { nonceBytes, SyncSession, type SyncStore } from '@lattice/sync';

type Kind = NonNullable<Parameters<typeof newMessage<typeof wire.StreamOpenSchema>>[1]['kind']>;
type Control = NonNullable<Parameters<typeof newMessage<typeof wire.ControlMessageSchema>>[1]['body']>;

/** What is brought to a sync: what it says it has, and what it sends of it. */
export interface Brought {
  readonly tips: readonly EntryRef[];
  readonly knows: (entry: EntryRef) => boolean;
  readonly bundles: readonly Bundle[];
  /** What becomes of each bundle's bytes before they go. */
  readonly spoil: (bytes: Uint8Array) => Uint8Array;
}

/** One connection, spoken by hand: what the other side says is heard and passed over, and its streams are reset. */
export class Conversation {
  readonly connection: Connection;
  readonly #control: Stream;
  readonly #timers: Timers;
  /** Resolves when the other side has said something, or will not. */
  readonly #isHeard: Promise<unknown>;

  private constructor(connection: Connection, control: Stream, timers: Timers) {
    this.connection = connection;
    this.#control = control;
    this.#timers = timers;
    this.#isHeard = control.read().catch(() => undefined);
    void this.#isHeard.then(() => this.#hear(control));
    void this.#refuseStreams();
  }

  /** Says hello, and shows these tags. */
  static async begin(
    connection: Connection,
    timers: Timers,
    tags: readonly Uint8Array[],
  ): Promise<Conversation> {
    const conversation = new Conversation(
      connection,
      await opened(connection, { case: 'control', value: {} }),
      timers,
    );
    const hello = { protocol: 1, software: 'by hand', clockMs: 0n, meshes: { tags: [...tags] } };
    await conversation.say({ case: 'hello', value: hello });
    // Streams overtake each other: who is not known for a member yet is not listened to.
    const sinceMs = timers.monotonicMs();
    await conversation.#isHeard;
    await conversation.pause(timers.monotonicMs() - sinceMs);
    return conversation;
  }

  async say(body: Control): Promise<void> {
    const message = newMessage(wire.ControlMessageSchema, { body });
    await new FrameWriter(this.#control).write(encodeMessage(wire.ControlMessageSchema, message));
  }

  /** Bytes as they are, on the control stream. */
  async utter(...bytes: readonly Uint8Array[]): Promise<void> {
    await this.#control.write(concatBytes(...bytes));
  }

  open(kind: Kind): Promise<Stream> {
    return opened(this.connection, kind);
  }

  /** Opens a sync of its own, and keeps to the rules but for what it brings. */
  async sync(kind: Kind, brought: Brought): Promise<void> {
    const stream = await this.open(kind);
    const session = new SyncSession({
      store: storeOf(brought),
      role: 'initiator',
      nonce: new Uint8Array(nonceBytes).fill(7),
      handover: kind?.case === 'handover',
    });
    const [reader, writer] = [new FrameReader(stream), new FrameWriter(stream)];
    let effects = [...session.step({ kind: 'start' })];
    for (;;) {
      for (let effect = effects.shift(); effect; effect = effects.shift()) {
        if (effect.kind === 'end') return stream.finish();
        if (effect.kind === 'send')
          await writer.write(encodeMessage(wire.SyncMessageSchema, spoiltMessage(effect.message, brought)));
        else {
          const { index } = effect;
          effects = [
            ...session.step({ kind: 'admitted', index, outcome: { kind: 'taken', entries: 1 } }),
            ...effects,
          ];
        }
      }
      const frame = await reader.next();
      if (!frame) return;
      effects = [...session.step({ kind: 'message', message: decodeMessage(wire.SyncMessageSchema, frame) })];
    }
  }

  /** Stays, saying only that it is there. */
  async linger(ms: number): Promise<void> {
    const pingEveryMs = 5_000;
    for (let leftMs = ms; leftMs > 0; leftMs -= pingEveryMs) {
      await this.say({ case: 'ping', value: { nonce: 0n } });
      await this.pause(Math.min(leftMs, pingEveryMs));
    }
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#timers.after(ms, resolve));
  }

  async #hear(stream: Stream): Promise<void> {
    try {
      while (await stream.read()) continue;
    } catch {
      // Whoever speaks notices that it is over.
    }
  }

  async #refuseStreams(): Promise<void> {
    const next = () => this.connection.acceptStream();
    for (let stream = await next(); stream; stream = await next()) stream.reset();
  }
}

async function opened(connection: Connection, kind: Kind): Promise<Stream> {
  const stream = await connection.openStream();
  const open = newMessage(wire.StreamOpenSchema, { kind });
  await new FrameWriter(stream).write(encodeMessage(wire.StreamOpenSchema, open));
  return stream;
}

function storeOf({ tips, knows, bundles }: Brought): SyncStore {
  return {
    tips: () => tips,
    digest: () => digestOf(tips.map(({ hash }) => hash)),
    timeOf: () => hlcZero,
    knows,
    samples: (of) => [of],
    outgoing: () => bundles.map(sendable)[Symbol.iterator](),
    horizon: () => (hlcLimit - 1n) as Hlc,
  };
}

function sendable(bundle: Bundle): SendableBundle {
  return { entries: bundle.entries.length, encode: (form) => encodeBundle(bundle, form) };
}

function spoiltMessage(message: wire.SyncMessage, { spoil }: Brought): wire.SyncMessage {
  const { body } = message;
  if (body.case !== 'bundle') return message;
  const value = { index: body.value.index, bundle: spoil(body.value.bundle) };
  return newMessage(wire.SyncMessageSchema, { body: { case: 'bundle', value } });
}
