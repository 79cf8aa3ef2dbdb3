import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualTime } from '@lattice/testkit';

test('timers run in the order of their times, then of their setting, each at its own time', async () => {
  const time = new VirtualTime();
  const ran: string[] = [];
  const set = (delayMs: number, name: string) =>
    time.after(delayMs, () => ran.push(`${name}@${time.monotonicMs()}`));
  set(20, 'c');
  set(10, 'a');
  set(10, 'b');
  const cancel = set(15, 'never');
  set(21, 'later');
  cancel();
  cancel();
  await time.advance(20);
  assert.deepEqual(ran, ['a@10', 'b@10', 'c@20']);
  assert.equal(time.monotonicMs(), 20);
  assert.equal(time.timersSet, 1);
});

test('what a timer sets in motion is done before the next timer runs', async () => {
  const time = new VirtualTime();
  const ran: string[] = [];
  time.after(1, () => {
    void (async () => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      await time.yield();
      time.after(0, () => ran.push('chained'));
    })();
  });
  time.after(2, () => ran.push('second'));
  await time.advance(2);
  assert.deepEqual(ran, ['chained', 'second']);
});

test('a timer never runs before the call that sets it has returned', async () => {
  const time = new VirtualTime();
  let ran = false;
  time.after(0, () => (ran = true));
  assert.equal(ran, false);
  await time.advance(0);
  assert.equal(ran, true);
});

test('the wall clock jumps on its own', async () => {
  const time = new VirtualTime({ nowMs: 1_000_000 });
  await time.advance(5);
  assert.equal(time.nowMs(), 1_000_005);
  time.setNowMs(7);
  assert.equal(time.nowMs(), 7);
  assert.equal(time.monotonicMs(), 5);
  await time.advance(3);
  assert.equal(time.nowMs(), 10);
});

test('running until a promise settles takes no longer than it takes', async () => {
  const time = new VirtualTime();
  const promise = new Promise<string>((resolve) => time.after(500, () => resolve('done')));
  time.after(501, () => assert.fail('time went too far'));
  assert.equal(await time.run(promise), 'done');
  assert.equal(time.monotonicMs(), 500);
  await assert.rejects(time.run(new Promise(() => undefined), 0), /happens within 0 ms/);
  await assert.rejects(time.run(Promise.reject(new Error('as it was'))), /as it was/);
});

test('what a task throws comes out of advance', async () => {
  const time = new VirtualTime();
  time.after(1, () => {
    throw new Error('from the task');
  });
  await assert.rejects(time.advance(1), /from the task/);
});
