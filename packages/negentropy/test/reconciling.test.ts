import { type Item, Initiator, ItemSet, NegentropyError, Responder } from '@lattice/negentropy';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { hex, reconcile } from './support/session.js';

/** Many items at few times, so that bounds need their prefixes. */
function itemsOf(seed: number, count: number): readonly Item[] {
  return Array.from({ length: count }, (_, i) => {
    const id = new Uint8Array(createHash('sha256').update(`${seed} ${i}`).digest());
    return { timestamp: BigInt(id[31] ?? 0) % 5n, id };
  });
}

const sides = fc.record({
  seed: fc.nat(),
  count: fc.integer({ min: 0, max: 700 }),
  /** Of how many items one is lacking, here and there. */
  lacking: fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 900 })),
});

test('the initiator learns exactly what either side lacks', () => {
  fc.assert(
    fc.property(sides, ({ seed, count, lacking: [here, there] }) => {
      const items = itemsOf(seed, count);
      const initiator = items.filter((_, i) => i % here !== 0);
      const responder = items.filter((_, i) => i % there !== 0);

      const { have, need } = reconcile(initiator, responder);

      assert.deepEqual(have, minus(initiator, responder));
      assert.deepEqual(need, minus(responder, initiator));
    }),
  );
});

test('messages stay within their limit, and say the same in more of them', () => {
  const items = itemsOf(1, 9_000);
  const initiator = items.filter((_, i) => i % 3 !== 0);
  const responder = items.filter((_, i) => i % 4 !== 0);

  const { messages, have, need } = reconcile(initiator, responder, { frameSizeLimit: 4_096 });

  assert.ok(messages.every((message) => message.length <= 4_096));
  assert.ok(messages.length > 20);
  assert.deepEqual(have, minus(initiator, responder));
  assert.deepEqual(need, minus(responder, initiator));
});

test('equal sets need one short message each way, and few items of many little more', () => {
  const items = itemsOf(2, 20_000);
  const equal = reconcile(items, items);
  const [, ...all] = items;
  const one = reconcile(items, all);

  assert.equal(equal.messages.length, 2);
  assert.equal(hex(equal.messages[1] ?? new Uint8Array()), '61');
  assert.deepEqual(one.have, new Set(items.slice(0, 1).map(({ id }) => hex(id))));
  assert.ok(bytesOf(one.messages) < 4_000, `${bytesOf(one.messages)} bytes`);
});

test('of an initiator of another version the responder asks for its own, and understands it then', () => {
  const responder = new Responder(ItemSet.of(itemsOf(3, 1)));
  assert.equal(hex(responder.answer(Uint8Array.of(0x62, 0xaa, 0xbb))), '61');
  assert.ok(responder.answer(Uint8Array.of(0x61, 0, 0, 2, 0)).length > 32);
});

test('an initiator ends where the responder speaks another version', () => {
  const initiator = new Initiator(ItemSet.of([]));
  assert.throws(() => initiator.receive(Uint8Array.of(0x60)), hasCode('unsupported-version'));
});

test('items that no set has are refused', () => {
  const id = new Uint8Array(32);
  const refused: (readonly Item[])[] = [
    [{ timestamp: 1n, id: new Uint8Array(31) }],
    [{ timestamp: -1n, id }],
    [{ timestamp: 2n ** 64n - 1n, id }],
    [
      { timestamp: 1n, id },
      { timestamp: 1n, id },
    ],
  ];
  for (const items of refused) assert.throws(() => ItemSet.of(items), hasCode('invalid-item'));
  const unsorted = [
    { timestamp: 2n, id },
    { timestamp: 1n, id },
  ];
  assert.throws(() => [...ItemSet.ofSorted(unsorted)], hasCode('invalid-item'));
  assert.equal(ItemSet.of([{ timestamp: 2n ** 64n - 2n, id }]).size, 1);
  assert.throws(() => new Initiator(ItemSet.of([]), { frameSizeLimit: 4_095 }), RangeError);
});

test('random and broken messages are refused as malformed, or answered within the limit', () => {
  const items = ItemSet.of(itemsOf(4, 400));
  const good = new Initiator(ItemSet.of(itemsOf(5, 400))).begin();
  const broken = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.of(0x61, ...bytes)),
    fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => good.with(at, byte)),
    fc.nat(good.length - 1).map((length) => good.slice(0, length)),
  );
  const options = { frameSizeLimit: 4_096 };
  fc.assert(
    fc.property(broken, (bytes) => {
      for (const take of [
        () => new Responder(items, options).answer(bytes),
        () => new Initiator(items, options).receive(bytes).message,
      ]) {
        try {
          assert.ok((take()?.length ?? 0) <= 4_096);
        } catch (error) {
          assert.ok(error instanceof NegentropyError && error.code !== 'invalid-item', String(error));
        }
      }
    }),
    { numRuns: process.env['LATTICE_LONG'] ? 200_000 : 2_000 },
  );
});

function minus(items: readonly Item[], others: readonly Item[]): ReadonlySet<string> {
  const without = new Set(others.map(({ id }) => hex(id)));
  return new Set(items.map(({ id }) => hex(id)).filter((id) => !without.has(id)));
}

function bytesOf(messages: readonly Uint8Array[]): number {
  return messages.reduce((sum, { length }) => sum + length, 0);
}

function hasCode(code: NegentropyError['code']): (error: unknown) => boolean {
  return (error) => error instanceof NegentropyError && error.code === code;
}
