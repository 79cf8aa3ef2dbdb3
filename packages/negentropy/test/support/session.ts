import { type FrameOptions, Initiator, type Item, ItemSet, Responder } from '@lattice/negentropy';

export interface Outcome {
  /** All messages in turn, the initiator's first. */
  readonly messages: readonly Uint8Array[];
  /** Hex ids. */
  readonly have: ReadonlySet<string>;
  readonly need: ReadonlySet<string>;
}

/** Runs a session to its end. */
export function reconcile(
  initiatorItems: Iterable<Item>,
  responderItems: Iterable<Item>,
  options: FrameOptions = {},
): Outcome {
  const initiator = new Initiator(ItemSet.of(initiatorItems), options);
  const responder = new Responder(ItemSet.of(responderItems), options);
  const messages: Uint8Array[] = [];
  const have = new Set<string>();
  const need = new Set<string>();
  for (let message: Uint8Array | undefined = initiator.begin(); message;) {
    const answer = responder.answer(message);
    messages.push(message, answer);
    const learned = initiator.receive(answer);
    for (const id of learned.have) have.add(hex(id));
    for (const id of learned.need) need.add(hex(id));
    message = learned.message;
  }
  return { messages, have, need };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
