import { assert } from '@lattice/model';
import { decodeMessage, encodeMessage, MalformedError, wire } from '@lattice/proto';
import {
  type AdmitOutcome,
  type SyncEffect,
  type SyncInput,
  type SyncOutcome,
  type SyncProgress,
  SyncSession,
  type SyncStore,
} from '@lattice/sync';
import type { Dice } from '@lattice/testkit';
import type { Mangler } from './mangler.js';

export type SideName = 'initiator' | 'responder';
type Case = NonNullable<wire.SyncMessage['body']['case']>;

/** Who takes part in a conversation. */
export interface Speaker {
  readonly store: SyncStore;
  admit(bundle: Uint8Array): Promise<AdmitOutcome>;
}

export interface Said {
  readonly by: SideName;
  readonly message: wire.SyncMessage;
  readonly bytes: number;
}

/** What one side did about an input, and into how many steps that was cut. */
export interface Done {
  readonly by: SideName;
  readonly about: Case | SyncInput['kind'];
  readonly steps: number;
}

export interface ConversationOptions {
  readonly initiator: Speaker;
  readonly responder: Speaker;
  /** Which side hears its next message first, where both have one: messages of either direction keep their order. */
  readonly dice: Dice;
  readonly handover?: boolean;
  readonly whole?: boolean;
  /** The streams break when so many messages were heard. */
  readonly cutAfter?: number;
  /** What becomes of messages on their way. */
  readonly mangler?: Mangler;
  /** Changes a message on its way. */
  readonly tamper?: (message: wire.SyncMessage, by: SideName) => wire.SyncMessage;
}

export interface Conversation {
  readonly said: readonly Said[];
  readonly done: readonly Done[];
  readonly initiator: Ended;
  readonly responder: Ended;
}

/** How it ended for one side; no outcome where the streams broke before. */
interface Ended {
  readonly outcome: SyncOutcome | undefined;
  readonly stats: SyncSession['stats'];
  readonly progress: SyncProgress;
  /** How many bundles it took that must wait for something. */
  readonly waits: number;
}

let nonces = 0;

/** One session from its start to its end, or until the streams break. */
export async function converse(options: ConversationOptions): Promise<Conversation> {
  const said: Said[] = [];
  const { handover = false, whole = false, dice } = options;
  const initiator = new Side(
    'initiator',
    options.initiator,
    new SyncSession({
      store: options.initiator.store,
      role: 'initiator',
      nonce: freshNonce(),
      whole,
      handover,
    }),
  );
  const responder = new Side(
    'responder',
    options.responder,
    new SyncSession({ store: options.responder.store, role: 'responder', nonce: freshNonce(), handover }),
  );
  const deliver = (from: Side, to: Side) => {
    for (const message of from.outbox.splice(0)) {
      const sent = options.tamper?.(message, from.name) ?? message;
      const bytes = encodeMessage(wire.SyncMessageSchema, sent);
      said.push({ by: from.name, message: sent, bytes: bytes.length });
      to.inbox.push(...(options.mangler?.pass(bytes) ?? [bytes]));
    }
  };

  await initiator.hear({ kind: 'start' });
  let left = options.cutAfter ?? Infinity;
  for (;;) {
    deliver(initiator, responder);
    deliver(responder, initiator);
    const ready = [initiator, responder].filter((side) => side.inbox.length > 0 && !side.outcome);
    if (ready.length === 0 || left-- <= 0) break;
    await dice.pick(ready).hearNext();
  }
  const done = [...initiator.done, ...responder.done];
  return { said, done, initiator: initiator.ended(), responder: responder.ended() };
}

/** The cases of all messages that one side said, in order. */
export function casesOf({ said }: Conversation, by: SideName): readonly Case[] {
  return said.filter((one) => one.by === by).map(({ message }) => caseOf(message));
}

function caseOf({ body }: wire.SyncMessage): Case {
  assert(body.case !== undefined, 'every message has a body');
  return body.case;
}

function freshNonce(): Uint8Array {
  return new Uint8Array(16).fill(++nonces & 0xff);
}

class Side {
  readonly inbox: Uint8Array[] = [];
  readonly outbox: wire.SyncMessage[] = [];
  readonly done: Done[] = [];
  outcome: SyncOutcome | undefined;
  #waits = 0;

  constructor(
    readonly name: SideName,
    readonly peer: Speaker,
    readonly session: SyncSession,
  ) {}

  async hearNext(): Promise<void> {
    const bytes = this.inbox.shift();
    assert(bytes, 'there is something to hear');
    try {
      await this.hear({ kind: 'message', message: decodeMessage(wire.SyncMessageSchema, bytes) });
    } catch (error) {
      // As whoever drives a session has it.
      if (!(error instanceof MalformedError)) throw error;
      this.outcome = { kind: 'failed', reason: error.message, blame: true };
    }
  }

  async hear(input: SyncInput): Promise<void> {
    const steps = this.session.steps(input);
    let count = 1;
    let step = steps.next();
    for (; !step.done; step = steps.next()) count++;
    const about = (input.kind === 'message' ? input.message.body.case : undefined) ?? input.kind;
    this.done.push({ by: this.name, about, steps: count });
    await this.#perform(step.value);
  }

  ended(): Ended {
    const { stats, progress } = this.session;
    return { outcome: this.outcome, stats, progress, waits: this.#waits };
  }

  async #perform(effects: readonly SyncEffect[]): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === 'send') this.outbox.push(effect.message);
      else if (effect.kind === 'end') this.outcome = effect.outcome;
      else {
        const outcome = await this.peer.admit(effect.bundle);
        if (outcome.kind === 'taken' && outcome.waits) this.#waits++;
        await this.hear({ kind: 'admitted', index: effect.index, outcome });
      }
    }
  }
}
