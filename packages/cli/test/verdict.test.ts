import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meshVerdict, type MeshReport, type StatusReport, verdictOf } from '@lattice/cli/testing';
import { away, elsewhere, lacking, mesh, meshId, offline, peer, report, store } from './status-reports.js';

const notes = store({ storeId: 'cccccccc-0000-8000-8000-000000000000', name: 'notes', current: false });

const cases: readonly {
  readonly name: string;
  readonly mesh: MeshReport;
  readonly node?: Partial<StatusReport>;
  readonly verdict: readonly [state: string, text: string];
}[] = [
  {
    name: 'all are there and have all',
    mesh: mesh([peer('desk'), peer('laptop')]),
    verdict: ['in-sync', 'In sync: 2 of 2 members have all that this node has.'],
  },
  {
    name: 'the only other one has all',
    mesh: mesh([peer('desk')]),
    verdict: ['in-sync', 'In sync: "desk" has all that this node has.'],
  },
  {
    name: 'all who are linked have all, of a mesh of many',
    mesh: mesh([peer('desk'), peer('laptop'), elsewhere('phone'), elsewhere('car')]),
    verdict: [
      'in-sync',
      'In sync: 2 of 2 members linked with this node have all that this node has. 2 more get it through them once online.',
    ],
  },
  {
    name: 'one who is linked lacks something, of a mesh of many',
    mesh: mesh([peer('desk', lacking(3)), peer('laptop'), elsewhere('phone')]),
    verdict: ['syncing', 'Syncing: "desk" lacks 3 entries; "laptop" is up to date.'],
  },
  {
    name: 'nobody is linked, of a mesh of many',
    mesh: mesh([elsewhere('desk'), elsewhere('laptop')]),
    verdict: [
      'not-in-sync',
      'Not in sync: this node is linked with none of the 2 other members, and knows of none what it has.',
    ],
  },
  {
    name: 'one who is away had all',
    mesh: mesh([peer('desk'), away('laptop')]),
    verdict: ['in-sync', 'In sync: 2 of 2 members have all that this node has.'],
  },
  {
    name: 'all are away and had all',
    mesh: mesh([away('desk')]),
    verdict: [
      'in-sync',
      'In sync: "desk" had all that this node has, when last heard. No other member is online.',
    ],
  },
  {
    name: 'all have all, and this node itself waits for something',
    mesh: mesh([peer('desk')], { stores: [store({ pending: 3 })] }),
    verdict: [
      'not-in-sync',
      'Not in sync: "desk" has all that this node has, but 3 entries wait here for others that have not come.',
    ],
  },
  {
    name: 'all have all, and the log of a store is damaged here',
    mesh: mesh([peer('desk')], { stores: [store({}), store({ name: 'notes', damagedPlaces: 2 })] }),
    verdict: [
      'damaged',
      'Damaged: the store "notes" is damaged on this disk. In sync: "desk" has all that this node has.',
    ],
  },
  {
    name: 'all have all, and this node holds entries back',
    mesh: mesh([peer('desk')], { stores: [store({ held: 1 })] }),
    verdict: [
      'not-in-sync',
      'Not in sync: "desk" has all that this node has, but 1 entry is held here, dated ahead of this clock.',
    ],
  },
  {
    name: 'this node is not on the network',
    mesh: mesh([away('desk'), away('laptop')]),
    node: offline,
    verdict: [
      'offline',
      'Offline: 2 of 2 members had all that this node has, when last heard. What is new there is not known here.',
    ],
  },
  {
    name: 'one is away and lacks some, another has all',
    mesh: mesh([away('desk', lacking(12)), peer('laptop')]),
    verdict: [
      'not-in-sync',
      'Not in sync: "desk" (last seen 2 h ago) lacks 12 entries; "laptop" is up to date.',
    ],
  },
  {
    name: 'whoever lacks some is there',
    mesh: mesh([peer('desk', lacking(1)), away('laptop')]),
    verdict: ['syncing', 'Syncing: "desk" lacks 1 entry; "laptop" is up to date.'],
  },
  {
    name: 'one who is there has something else, and as many',
    mesh: mesh([peer('desk', lacking(0))]),
    verdict: ['syncing', 'Syncing: "desk" has something else.'],
  },
  {
    name: 'one who is away had something else, and as many',
    mesh: mesh([away('desk', lacking(0))]),
    verdict: ['not-in-sync', 'Not in sync: "desk" (last seen 2 h ago) had something else.'],
  },
  {
    name: 'nobody else has the last writes',
    mesh: mesh([away('desk', lacking(34))]),
    verdict: [
      'only-here',
      'Only here: 34 entries are on no other member, as far as is known: "desk" (last seen 2 h ago) lacks 34 entries.',
    ],
  },
  {
    name: 'of several who are away, the one that lacks least says what is only here',
    mesh: mesh([away('desk', lacking(1)), away('laptop', lacking(5))]),
    verdict: [
      'only-here',
      'Only here: 1 entry is on no other member, as far as is known: "laptop" (last seen 2 h ago) lacks 5 entries; "desk" (last seen 2 h ago) lacks 1 entry.',
    ],
  },
  {
    name: 'two lack different stores: each has what the other lacks',
    mesh: mesh(
      [away('desk', lacking(5)), away('laptop', { stores: [...lacking(0, notes.storeId).stores] })],
      {
        stores: [store({}), notes],
      },
    ),
    verdict: [
      'not-in-sync',
      'Not in sync: "desk" (last seen 2 h ago) lacks 5 entries; "laptop" (last seen 2 h ago) had something else.',
    ],
  },
  {
    name: 'one lacks some and is there, so that it is about to have them',
    mesh: mesh([away('desk', lacking(3)), peer('laptop', lacking(3))]),
    verdict: [
      'not-in-sync',
      'Not in sync: "desk" (last seen 2 h ago) lacks 3 entries; "laptop" lacks 3 entries.',
    ],
  },
  {
    name: 'one has joined, and never said what it has',
    mesh: mesh([{ ...peer('desk', { stores: [] }), online: false }, peer('laptop')]),
    verdict: [
      'not-in-sync',
      'Not in sync: "desk" (never met) has not said what it has; "laptop" is up to date.',
    ],
  },
  {
    name: 'one has not spoken of a new store yet',
    mesh: mesh([peer('desk')], { stores: [store({}), notes] }),
    verdict: ['syncing', 'Syncing: "desk" has not said what it has.'],
  },
  {
    name: 'many are behind',
    mesh: mesh([...[1, 2, 3, 4, 5].map((n) => away(`n${n}`, lacking(n))), peer('x'), peer('y')]),
    verdict: [
      'not-in-sync',
      'Not in sync: "n5" (last seen 2 h ago) lacks 5 entries; "n4" (last seen 2 h ago) lacks 4 entries; "n3" (last seen 2 h ago) lacks 3 entries; 2 more are not up to date either; 2 members are up to date.',
    ],
  },
  {
    name: 'only the mesh itself has news',
    mesh: mesh([
      away('desk', { stores: lacking(1, meshId).stores.slice(1).concat(lacking(0).stores.slice(1)) }),
    ]),
    verdict: [
      'only-here',
      'Only here: 1 entry is on no other member, as far as is known: "desk" (last seen 2 h ago) lacks 1 entry.',
    ],
  },
  {
    name: 'there is nobody else',
    mesh: mesh([]),
    verdict: [
      'alone',
      'Alone: this mesh has no other member: nothing is copied anywhere. `mesh invite` adds one.',
    ],
  },
  {
    name: 'all others were revoked, or have left',
    mesh: mesh([away('desk', { status: 'revoked' }), away('laptop', { status: 'left' })]),
    verdict: [
      'alone',
      'Alone: this mesh has no other member: nothing is copied anywhere. `mesh invite` adds one.',
    ],
  },
  {
    name: 'this node is no member any more',
    mesh: mesh([peer('desk')], { peers: [peer('kitchen', { self: true, status: 'revoked' }), peer('desk')] }),
    verdict: [
      'former',
      'No member any more: what this node writes counts nowhere. Join again with a new data directory.',
    ],
  },
  {
    name: 'names of others drive nothing and hide nothing',
    mesh: mesh([away('de\u001b[2Jsk"; "laptop" is fine', lacking(2)), peer('')]),
    verdict: [
      'not-in-sync',
      'Not in sync: "de\\u{1b}[2Jsk\\"; \\"laptop\\" is fine" (last seen 2 h ago) lacks 2 entries; NODE is up to date.',
    ],
  },
];

for (const { name, mesh: one, node = {}, verdict } of cases) {
  test(`the verdict where ${name}`, () => {
    const { state, text } = meshVerdict(one, report(node));
    const unnamed = one.peers.find((each) => each.name === '')?.nodeId.slice(0, 8) ?? '';
    assert.deepEqual([state, unnamed === '' ? text : text.replace(unnamed, 'NODE')], verdict);
    assert.deepEqual(verdictOf(report(node, one)), { state, text });
  });
}

test('without a mesh, the verdict says what to type', () => {
  assert.deepEqual(verdictOf(report()), {
    state: 'no-mesh',
    text: 'No mesh yet: `mesh create` makes one, `mesh join <token>` joins one.',
  });
});

test('of several meshes, the worst decides', () => {
  const well = mesh([peer('desk')], { name: 'work' });
  const alone = mesh([], { name: 'home' });
  assert.deepEqual(verdictOf(report({}, well, well)), {
    state: 'in-sync',
    text: 'In sync: the other members of all 2 meshes have all.',
  });
  assert.match(verdictOf(report({}, well, alone, well)).text, /^In the mesh "home": Alone: [^.]*\. [^.]*\.$/);
  assert.match(verdictOf(report({}, alone, well, alone)).text, / So it is in 1 other mesh\.$/);
});
