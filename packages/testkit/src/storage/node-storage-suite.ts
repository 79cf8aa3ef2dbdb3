import { assert, utf8 } from '@lattice/model';
import type { NodeStorage } from '@lattice/storage';
import { SeededRandom } from '../mesh/seeded-random.js';
import { expectRefused, expectSame } from './expectations.js';
import { casesOver, type StorageCase, type StorageRig } from './storage-case.js';

const uuids = ['060e0f0d-1111-8111-8111-111111111111', 'ffffffff-2222-8222-9222-222222222222'] as const;
const [uuid, other] = uuids;
const genesis = utf8('a genesis, of which storage knows nothing but the bytes');
const key = utf8('key');

/** What every `NodeStorage` does. */
export function nodeStorageSuite(openRig: () => Promise<StorageRig<NodeStorage>>): readonly StorageCase[] {
  return casesOver(openRig, {
    'the identity is made once and kept': async (rig) => {
      let made = 0;
      const fresh = () => new Uint8Array(32).fill(++made);
      for (let i = 0; i < 3; i++) {
        await using storage = await rig.open();
        expectSame(await storage.identitySeed(fresh), new Uint8Array(32).fill(1), 'the seed');
        expectSame(
          await storage.identitySeed(fresh),
          new Uint8Array(32).fill(1),
          'the seed, asked for again',
        );
      }
      expectSame(made, 1, 'how many were made');
    },

    'a successor waits, the same one, until it takes the place of the identity': async (rig) => {
      const nodeId = 'ab'.repeat(32);
      let made = 0;
      const fresh = () => new Uint8Array(32).fill(++made);
      const [first, second, third] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
      for (let i = 0; i < 2; i++) {
        await using storage = await rig.open();
        expectSame(await storage.identitySeed(fresh), first, 'the identity meanwhile');
        expectSame(await storage.successorSeed(nodeId, fresh), second, 'the successor');
        expectSame(await storage.successorSeed(nodeId, fresh), second, 'the successor, asked for again');
      }
      {
        await using storage = await rig.open();
        await storage.succeed();
        expectSame(await storage.identitySeed(fresh), second, 'the identity at once');
      }
      await using storage = await rig.open();
      expectSame(await storage.identitySeed(fresh), second, 'the identity from then on');
      expectSame(await storage.successorSeed(nodeId, fresh), third, 'the next successor');
    },

    'what was opened before, and stayed where it is, is no copy': async (rig) => {
      for (let i = 0; i < 3; i++) {
        await using storage = await rig.open();
        await storage.identitySeed(() => new Uint8Array(32));
        expectSame(await storage.suspectedCopy('ab'.repeat(32)), undefined, 'what it is suspected of');
        if (i === 1) await storage.settleHere('ab'.repeat(32));
      }
    },

    'hints are kept': async (rig) => {
      {
        await using storage = await rig.open();
        const table = storage.meta.table('ports');
        storage.meta.transaction(() => table.put(key, utf8('4711')));
      }
      await using storage = await rig.open();
      expectSame(storage.meta.table('ports').get(key), utf8('4711'), 'the hint');
      expectSame(storage.repairs, [], 'what there was to repair');
    },

    'stores are made, listed and opened by their names': async (rig) => {
      await using storage = await rig.open();
      expectSame(await storage.stores(), [], 'the stores of a new node');
      for (const name of uuids.toReversed()) {
        await using store = await storage.createStore(name, utf8(name));
        expectSame(store.genesis, utf8(name), 'the genesis');
        expectSame([...store.log.scan(0)], [], 'what the log holds');
      }
      expectSame(await storage.stores(), uuids, 'the stores');
      await using first = await storage.openStore(uuid);
      await using second = await storage.openStore(other);
      await first.log.append([utf8('a record')]);
      expectSame([first.genesis, second.genesis], uuids.map(utf8), 'what they start from');
      expectSame([...second.log.scan(0)], [], 'what the other log holds');
    },

    'scratches are empty, apart from the state and from each other, and gone when closed': async (rig) => {
      await using storage = await rig.open();
      await using store = await storage.createStore(uuid, genesis);
      for (let round = 0; round < 2; round++) {
        await using scratch = await store.openScratch();
        await using another = await store.openScratch();
        const table = scratch.table('t');
        expectSame([...table.range()], [], 'what a scratch begins with');
        scratch.transaction(() => table.put(key, utf8('scratch')));
        expectSame([...another.table('t').range()], [], 'what the other scratch has');
        expectSame(store.state.table('t').get(key), undefined, 'what the state has');
      }
    },

    'a store keeps its log and its state': async (rig) => {
      {
        await using storage = await rig.open();
        await using store = await storage.createStore(uuid, genesis);
        await store.log.append([utf8('one'), utf8('two')]);
        const table = store.state.table('t');
        store.state.transaction(() => table.put(key, utf8('state')));
      }
      await using storage = await rig.open();
      await using store = await storage.openStore(uuid);
      expectSame(store.genesis, genesis, 'the genesis');
      expectSame([...store.log.scan(0)].length, 2, 'the records');
      expectSame(store.state.table('t').get(key), utf8('state'), 'the state');
      expectSame(store.repairs, [], 'what there was to repair');
    },

    'a store that is there is not made, and one that is not is not opened': async (rig) => {
      await using storage = await rig.open();
      await expectRefused(() => storage.openStore(uuid), 'opening', 'store-not-found');
      await expectRefused(() => storage.deleteStore(uuid), 'deleting', 'store-not-found');
      await using store = await storage.createStore(uuid, genesis);
      await store.log.append([utf8('a record')]);
      await expectRefused(() => storage.createStore(uuid, genesis), 'making it again', 'store-exists');
      expectSame([...store.log.scan(0)].length, 1, 'the records');
    },

    'a store is opened once at a time, and not deleted meanwhile': async (rig) => {
      await using storage = await rig.open();
      const store = await storage.createStore(uuid, genesis);
      await expectRefused(() => storage.openStore(uuid), 'opening it again');
      await expectRefused(() => storage.deleteStore(uuid), 'deleting it');
      await store[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await using again = await storage.openStore(uuid);
      expectSame(again.genesis, genesis, 'the genesis');
    },

    'a deleted store is gone, and may be made anew': async (rig) => {
      {
        await using storage = await rig.open();
        const store = await storage.createStore(uuid, genesis);
        await store.log.append([utf8('a record')]);
        await store[Symbol.asyncDispose]();
        await storage.deleteStore(uuid);
        expectSame(await storage.stores(), [], 'the stores');
      }
      await using storage = await rig.open();
      expectSame(await storage.stores(), [], 'the stores');
      await using store = await storage.createStore(uuid, utf8('another genesis'));
      expectSame(
        [store.genesis, [...store.log.scan(0)]],
        [utf8('another genesis'), []],
        'what the new one holds',
      );
    },

    'which store it is can be asked of one that is open and of one that is not': async (rig) => {
      await using storage = await rig.open();
      await expectRefused(() => storage.storeGenesis(uuid), 'asking', 'store-not-found');
      const store = await storage.createStore(uuid, genesis);
      await store.log.append([utf8('a record')]);
      expectSame(await storage.storeGenesis(uuid), genesis, 'of an open one');
      await store[Symbol.asyncDispose]();
      expectSame(await storage.storeGenesis(uuid), genesis, 'of a closed one');
    },

    'what a store takes of the disk grows with what it holds': async (rig) => {
      await using storage = await rig.open();
      await expectRefused(() => storage.storeBytes(uuid), 'asking', 'store-not-found');
      await using store = await storage.createStore(uuid, genesis);
      const before = await storage.storeBytes(uuid);
      // Not to be compressed by a file system.
      const record = new SeededRandom(1).bytes(100_000);
      await store.log.append([record]);
      const grown = (await storage.storeBytes(uuid)) - before;
      assert(grown >= 90_000 && grown < 400_000, `100,000 bytes appended take ${grown}`);
      await store[Symbol.asyncDispose]();
      assert((await storage.storeBytes(uuid)) >= 90_000, 'a closed store is measured as well');
    },

    'closing it closes its stores, and twice is as good as once': async (rig) => {
      const storage = await rig.open();
      const store = await storage.createStore(uuid, genesis);
      await store.log.append([utf8('a record')]);
      await storage[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      await expectRefused(() => store.log.append([utf8('another')]), 'appending');
      await expectRefused(() => storage.stores(), 'listing the stores');
      await using again = await rig.open();
      await using reopened = await again.openStore(uuid);
      expectSame([...reopened.log.scan(0)].length, 1, 'the records');
      expectSame(reopened.repairs, [], 'what there was to repair');
    },
  });
}
