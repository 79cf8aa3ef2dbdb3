import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Breaker, cleanReason, closeReasonBytesMax, Inbox } from '@lattice/net-types';

test('a reason is at most 200 bytes of text that no terminal obeys, and cleaning it again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0x10_ffff), { maxLength: 300 }), (codePoints) => {
      const clean = cleanReason(String.fromCodePoint(...codePoints));
      assert(Buffer.byteLength(clean) <= closeReasonBytesMax);
      assert(!/[\p{Cc}\u2028\u2029\u202e]/u.test(clean));
      assert.equal(cleanReason(clean), clean);
      assert.equal(clean, Buffer.from(clean).toString());
    }),
  );
  assert.equal(cleanReason('all is well'), 'all is well');
  assert.equal(cleanReason('\u001b[2Jgone\n'), ' [2Jgone ');
});

test('an inbox hands out in order, refuses what is too much, and ends once for ever', async () => {
  const inbox = new Inbox<number>(2);
  assert.deepEqual(
    [1, 2, 3].map((item) => inbox.offer(item)),
    [true, true, false],
  );
  assert.equal(await inbox.take(), 1);
  assert.equal(await inbox.take(), 2);
  const waiting = inbox.take();
  assert.throws(() => inbox.take(), /one reader/);
  assert(inbox.offer(4));
  assert.equal(await waiting, 4);
  assert(inbox.offer(5));
  assert.deepEqual(inbox.close(), [5]);
  assert.equal(await inbox.take(), undefined);
  assert.equal(inbox.offer(6), false);
});

test('an inbox that closes ends what waits for it', async () => {
  const inbox = new Inbox<number>(2);
  const waiting = inbox.take();
  inbox.close();
  assert.equal(await waiting, undefined);
});

test('a break rejects what is under way and all that comes after, with the first error', async () => {
  const breaker = new Breaker();
  assert.equal(await breaker.guard(Promise.resolve(1)), 1);
  const hanging = breaker.guard(new Promise(() => undefined));
  breaker.break(new Error('first'));
  breaker.break(new Error('second'));
  await assert.rejects(hanging, /first/);
  await assert.rejects(breaker.guard(Promise.resolve(2)), /first/);
  await assert.rejects(breaker.guard(Promise.reject(new Error('own'))), /first/);
});
