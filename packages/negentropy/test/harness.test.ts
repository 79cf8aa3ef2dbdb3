import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { sidesOf } from './support/recorded.js';
import { hex } from './support/session.js';

/** One side in a process of its own, spoken to in lines. */
function startSide(frameSizeLimit: number) {
  const child = spawn(process.execPath, ['packages/negentropy/harness.mjs'], {
    env: { ...process.env, FRAMESIZELIMIT: String(frameSizeLimit) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    say: (line: string) => child.stdin.write(`${line}\n`),
    hear: async () => {
      const line: unknown = (await lines.next()).value;
      assert.ok(typeof line === 'string', 'the harness answers');
      return line;
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

test('two harnesses reconcile by the line protocol', async () => {
  const session = { count: 2_000, times: 100, initiatorLacks: 5, responderLacks: 7 };
  const sides = sidesOf({ ...session, frameSizeLimit: 0, messages: [] });
  using initiator = startSide(4_096);
  using responder = startSide(4_096);
  for (const { timestamp, id } of sides.initiator) initiator.say(`item,${timestamp},${hex(id)}`);
  for (const { timestamp, id } of sides.responder) responder.say(`item,${timestamp},${hex(id)}`);
  for (const side of [initiator, responder]) side.say('seal');
  initiator.say('initiate');

  const ids = { have: new Set<string>(), need: new Set<string>() };
  for (let line = await initiator.hear(); line !== 'done'; line = await initiator.hear()) {
    const [name, data = ''] = line.split(',');
    if (name === 'have' || name === 'need') ids[name].add(data);
    else {
      responder.say(line);
      initiator.say(await responder.hear());
    }
  }

  const known = new Set(sides.initiator.map(({ id }) => hex(id)));
  const theirs = new Set(sides.responder.map(({ id }) => hex(id)));
  assert.deepEqual(ids.have, new Set([...known].filter((id) => !theirs.has(id))));
  assert.deepEqual(ids.need, new Set([...theirs].filter((id) => !known.has(id))));
});
