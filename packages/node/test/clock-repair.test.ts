import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { utf8 } from '@lattice/model';
import type { Store } from '@lattice/node';
import { contents, eventsOf, join, meshOf, meshOn, type Nodes, put, storeOn } from './support/nodes.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

describe('a node whose clock was two hours ahead', () => {
  for (const how of ['runs on', 'is restarted'] as const) {
    test(`and is set right while it ${how} says what is stranded, and issues it again: each operation takes effect once`, async () => {
      await using mesh = await meshOf('a', ['ahead', 'also ahead']);
      await put(mesh, 'ahead', 'early', '1');
      await mesh.run(meshOn(mesh, 'ahead').createStore({ type: 'log', name: 'notes' }));
      await mesh.settle();
      for (const name of ['ahead', 'also ahead']) mesh.skew(name, 2 * hourMs);
      await put(mesh, 'ahead', 'key', 'first');
      await put(mesh, 'ahead', 'key', 'second');
      for (const text of ['one', 'two']) await mesh.run(notesOn(mesh, 'ahead').log().append(utf8(text)));
      await mesh.settle({ nodes: ['ahead', 'also ahead'] });
      assert.deepEqual(contents(mesh, 'also ahead'), { early: '1', key: 'second' });
      assert.deepEqual(contents(mesh, 'a'), { early: '1' });

      for (const name of ['ahead', 'also ahead']) mesh.skew(name, 0);
      if (how === 'is restarted') await mesh.restart('ahead');
      assert.match(
        warningsOf(mesh, 'ahead'),
        /2 entries that this node wrote .*"node repair-clock" issues them again/,
      );
      await put(mesh, 'ahead', 'key', 'third');
      const heard = eventsOf(mesh, 'a');
      const repaired = await mesh.run(mesh.node('ahead').repairClock());
      assert.deepEqual(
        repaired
          .filter(({ where }) => where === 'the store "main"')
          .map(({ reissued, failure }) => [reissued, failure]),
        [[3, undefined]],
      );
      assert.doesNotMatch(warningsOf(mesh, 'ahead'), /repair-clock|data directory was copied/);

      await put(mesh, 'ahead', 'key', 'fourth');
      await mesh.advance(60_000);
      assert.deepEqual(contents(mesh, 'a'), { early: '1', key: 'fourth' });
      assert.deepEqual(contents(mesh, 'ahead'), { early: '1', key: 'fourth' });
      assert.equal(heard.filter(({ kind }) => kind === 'fork-seen').length, 0, 'a has the new branch alone');
      const waiting = storeOn(mesh, 'a').status();
      assert.deepEqual([waiting.held > 0, waiting.warnings], [true, []], 'what is held is no news any more');

      mesh.time.setNowMs(mesh.time.nowMs() + 2 * hourMs);
      await mesh.advance(60_000);
      await mesh.settle({ withinMs: 6 * 60_000 });
      for (const name of ['a', 'ahead', 'also ahead']) {
        assert.deepEqual(contents(mesh, name), { early: '1', key: 'fourth' });
        const { held, forks, digest } = storeOn(mesh, name).status();
        assert.deepEqual([held, forks.map(({ branches }) => branches)], [0, [2]]);
        assert.deepEqual(digest, storeOn(mesh, 'a').status().digest);
        const marks = [...storeOn(mesh, name).history()].map((one) => [
          one.replaced,
          one.instead !== undefined,
        ]);
        assert.deepEqual(
          [marks.filter(([replaced]) => replaced).length, marks.filter(([, instead]) => instead).length],
          [3, 3],
        );
      }
      for (const name of ['a', 'ahead', 'also ahead'])
        assert.equal([...notesOn(mesh, name).log().range()].length, 2, 'nothing is appended twice');
    });
  }

  test('writes nothing before its own admission, though the one who let it in was ahead, too', async () => {
    await using mesh = await meshOf('a', []);
    await mesh.start('ahead');
    mesh.skew('a', 3 * minuteMs);
    await join(mesh, 'ahead', 'a');
    mesh.skew('ahead', 2 * hourMs);
    await put(mesh, 'ahead', 'key', 'stranded');
    mesh.skew('ahead', 0);
    const repaired = mesh.node('ahead').repairClock();
    await put(mesh, 'ahead', 'other', 'in the same breath');
    await mesh.run(repaired);
    const counted = [...storeOn(mesh, 'ahead').history()].map(({ counts }) => counts);
    assert.ok(counted.length > 1 && counted.every(Boolean), counted.join());
  });

  test('that is closed in the middle of it says so, and repairs the rest when it is asked again', async () => {
    await using mesh = await meshOf('a', []);
    mesh.skew('a', 2 * hourMs);
    await put(mesh, 'a', 'key', 'stranded');
    mesh.skew('a', 0);
    const repairing = mesh.node('a').repairClock();
    await Promise.all([mesh.stop('a'), assert.rejects(repairing, { code: 'node-closed' })]);
    await mesh.run((await mesh.start('a')).repairClock());
    assert.deepEqual(await mesh.run(mesh.node('a').repairClock()), []);
  });

  test('is told so where there is nothing to repair, or no clock to go by', async () => {
    await using mesh = await meshOf('a', []);
    await put(mesh, 'a', 'key', '1');
    assert.deepEqual(await mesh.run(mesh.node('a').repairClock()), []);
    mesh.skew('a', -50 * 365 * 24 * hourMs);
    await assert.rejects(mesh.run(mesh.node('a').repairClock()), { code: 'clock-not-set' });
  });
});

function warningsOf(mesh: Nodes, name: string): string {
  return mesh.node(name).status().warnings.join('\n');
}

function notesOn(mesh: Nodes, name: string): Store {
  return meshOn(mesh, name).store('notes');
}
