import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError, utf8 } from '@lattice/model';
import { servedNode } from './rig.js';

test('writes under a condition are refused where it does not hold, and name the head that they are', async (context) => {
  const { node, connectClient } = await servedNode(context);
  await node.createMesh();
  const client = await connectClient();
  const [key, value] = [utf8('a'), utf8('1')];
  const { head } = await client.put({ key, value, ifHeads: {} });
  assert.ok(head);
  const heads = [{ entry: head.entry, op: head.op }];
  await rejectsWith(client.put({ key, value, ifHeads: {} }), 'condition-failed');
  await rejectsWith(client.put({ key, value, ifHeads: { heads: [{ entry: 'abc' }] } }), 'invalid-hex');
  await rejectsWith(client.put({ key, value, ifHeads: { heads: [{ entry: 'abcd' }] } }), 'invalid-id');

  async function* batches() {
    yield {
      operations: [
        { key: utf8('b'), value },
        { key, value, ifHeads: { heads } },
      ],
    };
    yield { operations: [] };
    yield {
      operations: [
        { key: utf8('c'), value },
        { key, value, ifHeads: { heads } },
      ],
    };
  }
  const firsts: (number | undefined)[] = [];
  await assert.rejects(async () => {
    for await (const { first } of client.write(batches())) firsts.push(first?.op);
  }, hasCode('condition-failed'));
  assert.deepEqual(firsts, [0, undefined]);
  assert.equal((await client.get({ key: utf8('c') })).value, undefined);

  await rejectsWith(client.delete({ key, ifHeads: { heads } }), 'condition-failed');
  const deletes = [];
  for await (const { entry, op } of client.heads({ key })) deletes.push({ entry, op });
  const deleted = await client.delete({ key, ifHeads: { heads: deletes } });
  assert.ok(deleted.existed && deleted.head);
  await rejectsWith(client.delete({ key, ifHeads: {} }), 'condition-failed');
  assert.equal((await client.delete({ key })).head, undefined);
});

async function rejectsWith(call: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(call, hasCode(code));
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof LatticeError && error.code === code;
}
