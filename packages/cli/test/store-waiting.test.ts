import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hash, type NodeId, toHex } from '@lattice/model';
import type { StoreStatus } from '@lattice/node';
import { mainStore, Rig } from './rig.js';

const hourMs = 3_600_000;
const ann = new Uint8Array(32).fill(0xa1) as NodeId;
const ben = new Uint8Array(32).fill(0xb2) as NodeId;
const hash = new Uint8Array(32).fill(0xc3) as Hash;

test('store status says what is missing and from whom, and whose entries are held', async (context) => {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create', 'home']);
  const waiting: Partial<StoreStatus> = {
    pending: 4,
    held: 1,
    missing: [
      { author: ann, seq: 7, entry: hash, waiting: 3, sender: ben },
      { author: ben, seq: 1, entry: hash, waiting: 1, sender: undefined },
    ],
    heldAuthors: [{ author: ben, entries: 2, aheadMs: 2.5 * hourMs }],
    warnings: ['The clock of "\u202eben" is off.'],
  };
  rig.machine.onOpen = (node) => {
    const store = mainStore(node);
    const status = store.status();
    store.status = () => ({ ...status, ...waiting });
  };

  const { missing, heldAuthors } = (await rig.json('store', 'status')) as Record<string, unknown>;
  const entry = toHex(hash);
  assert.deepEqual(missing, [
    { author: toHex(ann), seq: 7, entry, waiting: 3, sender: toHex(ben) },
    { author: toHex(ben), seq: 1, entry, waiting: 1, sender: null },
  ]);
  assert.deepEqual(heldAuthors, [{ author: toHex(ben), entries: 2, aheadMs: 2.5 * hourMs }]);

  const { stdout } = await rig.run(['store', 'status']);
  assert.deepEqual(stdout.trim().split('\n').slice(-4), [
    'missing: entry 7 of a1a1a1a1 (c3c3c3c3); 3 entries from b2b2b2b2 wait for it',
    'missing: entry 1 of b2b2b2b2 (c3c3c3c3); 1 entry of this disk waits for it',
    'held: 2 entries of b2b2b2b2, up to 2 h ahead',
    'warning: The clock of "\\u{202e}ben" is off.',
  ]);
});
