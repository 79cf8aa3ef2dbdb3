import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LatticeClient, SubscribeResponse } from '@lattice/api';
import { parseNodeId } from '@lattice/model';
import type { Store, SyncProgress } from '@lattice/node';
import { Output, waitingForEntries, Writer } from '@lattice/cli/testing';
import { Collector, mainStore, Rig } from './rig.js';
import { watching } from './watching.js';
import type { TestContext } from 'node:test';

test('a terminal sees how long something takes, and how much came', async (context) => {
  const { stderr, rig, wait } = bench(context, { isTerminal: true, arriving: [1_500, 500] });
  const { running, finish } = wait();
  await rig.time.advance(499);
  assert.equal(stderr.text, '', 'nothing flickers where it is quick');
  await rig.time.advance(1_501);
  assert.ok(stderr.text.endsWith('\r\u001b[Kjoining: 2 s, 2,000 entries came (1,000/s)'), stderr.text);
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

test('a sync shows how far it is with each peer, on a terminal only, and nothing of it is left', async (context) => {
  for (const terminal of [true, false]) {
    const rig = new Rig(context);
    await rig.run(['mesh', 'create']);
    let finish = (): void => undefined;
    rig.machine.onOpen = (node) => {
      const finished = new Promise<void>((resolve) => (finish = resolve));
      const sync: Store['sync'] = async (options) => {
        for (const one of under) options?.onProgress?.(one);
        await finished;
        return [];
      };
      Object.assign(mainStore(node), { sync });
    };
    const { stdout, stderr, status } = watching(rig, ['store', 'sync'], { terminal });
    const isThere = () => (terminal ? stderr.text.includes('sent') : rig.machine.networkStarts > 0);
    while (!isThere()) await rig.time.advance(250);
    await rig.time.advance(1_000);
    finish();
    assert.equal(await status, 0);
    assert.equal(stdout.text, 'No other member can be reached now.\n');
    const shown = stderr.text.split('\r\u001b[K');
    const line = /^syncing: \d+ s, aaaaaaaa: sent 1,500 of 6,000, received 3 entries \([\d,]+\/s\); b.*…$/;
    if (terminal) assert.match(shown.at(-2) ?? '', line);
    assert.equal(shown.at(-1), '', terminal ? 'the line is taken away' : 'there was none');
  }
});

/** How far it is with two peers; one line has no room for all of it. */
const under: readonly SyncProgress[] = [
  { peer: parseNodeId(new Uint8Array(32).fill(0xaa)), sentEntries: 1_500, receivedEntries: 3, toSend: 6_000 },
  {
    peer: parseNodeId(new Uint8Array(32).fill(0xbb)),
    sentEntries: 0,
    receivedEntries: 12,
    toSend: 0,
    toReceive: 30,
  },
];

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
    const running = waitingForEntries('joining', client as LatticeClient, { output, surroundings }, work);
    return { running, finish: (result: string) => finish(result) };
  };
  return { rig, stderr, wait };
}
