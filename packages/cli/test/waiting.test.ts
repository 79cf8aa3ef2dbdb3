import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LatticeClient, SubscribeResponse } from '@lattice/api';
import { Output, waiting, Writer } from '@lattice/cli/testing';
import { Collector, Rig } from './rig.js';
import type { TestContext } from 'node:test';

test('a terminal sees how long something takes, and how much came', async (context) => {
  const { stderr, rig, wait } = bench(context, { isTerminal: true, arriving: [1_500, 500] });
  const { running, finish } = wait();
  await rig.time.advance(499);
  assert.equal(stderr.text, '', 'nothing flickers where it is quick');
  await rig.time.advance(1_501);
  assert.ok(stderr.text.endsWith('\r\u001b[Ksyncing: 2 s, 2,000 entries came (1,000/s)'), stderr.text);
  finish('done');
  assert.equal(await running, 'done');
  assert.ok(stderr.text.endsWith('\r\u001b[K'), 'the line is taken away');
  const { length } = stderr.text;
  await rig.time.advance(5_000);
  assert.equal(stderr.text.length, length, 'and does not come back');
});

test('what is no terminal sees nothing, and neither does who need not wait', async (context) => {
  for (const isTerminal of [false, true]) {
    const { stderr, rig, wait } = bench(context, { isTerminal, arriving: [] });
    const { running, finish } = wait();
    await rig.time.advance(isTerminal ? 100 : 5_000);
    finish('done');
    await running;
    assert.equal(stderr.text, '');
  }
});

function bench(
  context: TestContext,
  { isTerminal, arriving }: { readonly isTerminal: boolean; readonly arriving: readonly number[] },
) {
  const rig = new Rig(context);
  const stderr = new Collector(isTerminal);
  const surroundings = rig.surroundings({}, new Collector(), stderr);
  const writer = new Writer(surroundings.stderr, surroundings);
  const client: Pick<LatticeClient, 'subscribe'> = {
    subscribe: async function* () {
      for (const entries of arriving)
        yield {
          event: { case: 'storeChanged', value: { entries: BigInt(entries) } },
        } as SubscribeResponse;
    },
  };
  const wait = () => {
    let finish = (_result: string): void => undefined;
    const work = () => new Promise<string>((resolve) => (finish = resolve));
    const output = new Output(writer, writer, false);
    const running = waiting('syncing', client as LatticeClient, { output, surroundings }, work);
    return { running, finish: (result: string) => finish(result) };
  };
  return { rig, stderr, wait };
}
