import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prompt } from '@lattice/cli/testing';
import { VirtualTime } from '@lattice/testkit';
import { type Client, Rig } from './rig.js';

const start = { mesh: '', store: '' };

test('a node that does not answer keeps nobody from typing, and its answer shows when it comes', async (context) => {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create', 'home']);
  await rig.withNode(async (node) => {
    const time = new VirtualTime();
    let answer = (_client: Client): void => undefined;
    const waiting = new Promise<Client>((resolve) => (answer = resolve));
    const late = new Promise<string>((resolve) => {
      const prompt = new Prompt({
        session: { node: () => waiting, noteFailure: async () => undefined },
        start,
        timers: time,
        onLate: ({ first }) => resolve(first),
      });
      void (async () => {
        const asked = prompt.current();
        await time.advance(500);
        assert.equal((await asked).first, 'lattice:no-node> ');
        assert.equal((await prompt.current()).first, 'lattice:no-node> ', 'it is not waited for twice');
        answer(await node());
      })();
    });
    assert.match(await late, /^lattice:[0-9a-f]{8}> $/);
  });
});

test('the node is asked only after what can have changed the answer', async (context) => {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create', 'home']);
  await rig.withNode(async (node) => {
    let asked = 0;
    const session = {
      node: () => {
        asked++;
        return node();
      },
      noteFailure: async () => undefined,
    };
    const prompt = new Prompt({ session, start, timers: new VirtualTime(), onLate: () => undefined });
    const { first } = await prompt.current();
    assert.equal((await prompt.current()).first, first);
    assert.equal(asked, 1);
    prompt.noteChange();
    await prompt.current();
    assert.equal(asked, 2);
  });
});

test('a store that was named when the shell was started shows as it was named', async (context) => {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create', 'home']);
  await rig.withNode(async (node) => {
    const session = { node, noteFailure: async () => undefined };
    const options = { session, timers: new VirtualTime(), onLate: () => undefined };
    const prompt = new Prompt({
      ...options,
      start: { mesh: 'home', store: 'a "name" that is much too long' },
    });
    assert.match(
      (await prompt.current()).first,
      /^lattice:[0-9a-f]{8}\/"a \\"name\\" that is much\.\.\."> $/,
    );
  });
});
