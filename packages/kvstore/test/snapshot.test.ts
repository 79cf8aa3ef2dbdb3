import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KvReads, kvHandle, kvReads } from '@lattice/kvstore';
import { type Admission, displayUtf8, equalBytes, type Hlc, LatticeError, utf8 } from '@lattice/model';
import { everybody, historyKey, type ReplicaRig } from '@lattice/testkit';
import { bring, open, put } from './support/store.js';

const ben = historyKey(0, 2).nodeId;
const end = (2n ** 63n) as Hlc;

test('a snapshot shows one moment, whatever is written, let in, counted anew or rebuilt since', async () => {
  await using rig = await withConflicts();
  await put(rig, ...Array.from({ length: 600 }, (_, i) => `many ${String(i).padStart(3, '0')}=${i}`));
  using snapshot = rig.replica.snapshot();
  const then = kvReads(snapshot);
  const shown = reading(then);
  assert.deepEqual(shown.heads, ['of ben', 'of ann']);
  assert.equal(shown.list.length, 602);

  await put(rig, 'a=settled', 'many 001', 'many 700=new');
  assert.deepEqual(reading(then), shown, 'after writes');
  await rig.setAdmission(withoutBen);
  assert.deepEqual(reading(then), shown, 'after a rebuild without what counts no longer');
  await rig.replica.rebuild();
  await put(rig, 'a=again');
  assert.deepEqual(reading(then), shown, 'after a rebuild of everything');
  await rig.setAdmission(everybody);
  assert.deepEqual(reading(then), shown, 'after what counts is as it was');
  assert.deepEqual(
    [...then.list({ prefix: utf8('many'), reverse: true, limit: 2 })].map(({ key }) => displayUtf8(key)),
    ['many 599', 'many 598'],
  );
  assert.deepEqual(reading(kvHandle(rig.replica)).heads, ['again'], 'the store itself goes on');
});

test('a list goes on where it was, while the store changes under it', async () => {
  await using rig = await open();
  const keys = Array.from({ length: 600 }, (_, i) => `key ${String(i).padStart(3, '0')}`);
  await put(rig, ...keys.map((key) => `${key}=old`));
  using snapshot = rig.replica.snapshot();
  const told: string[] = [];
  for (const { key, value } of kvReads(snapshot).list()) {
    told.push(displayUtf8(key));
    assert.equal(displayUtf8(value), 'old');
    if (told.length === 100) await put(rig, 'key 250', 'key 2505=new', 'key 400=new');
    if (told.length === 300) await rig.replica.rebuild();
  }
  assert.deepEqual(told, keys);
});

test('what a snapshot reads from the log is found by its hash where the log was mended since', async () => {
  await using rig = await withConflicts({ fillers: 9 });
  const last = [...rig.stored.log.itemsFrom(0)].at(-1);
  const [lost] = [
    ...rig.replica.outgoing(rig.replica.tips().filter(({ author }) => !equalBytes(author, ben))).bundles(end),
  ];
  assert.ok(last && lost);
  using snapshot = rig.replica.snapshot();
  const then = kvReads(snapshot);
  const heads = () => then.heads(utf8('b')).map(({ value }) => value && displayUtf8(value));
  assert.deepEqual(heads(), ['of ann', 'of ben']);

  rig.stored.log.damage(last.offset);
  await rig.replica.rebuild({ force: true });
  forgetBundles(rig);
  assert.throws(heads, (error) => error instanceof LatticeError && error.code === 'log-damaged');
  await rig.receive(lost);
  forgetBundles(rig);
  assert.deepEqual(heads(), ['of ann', 'of ben']);
});

test('a snapshot ends after 60 s, with its disposal, or with the store, and says so', async () => {
  await using rig = await withConflicts();
  const disposed = rig.replica.snapshot();
  disposed[Symbol.dispose]();
  disposed[Symbol.dispose]();
  expectOver(kvReads(disposed), 'snapshot-expired');

  const old = rig.replica.snapshot();
  await rig.time.advance(30_000);
  const young = rig.replica.snapshot();
  await rig.time.advance(29_999);
  await rig.time.advance(1);
  expectOver(kvReads(old), 'snapshot-expired');
  assert.equal(reading(kvReads(young)).heads.length, 2);

  await rig.close();
  expectOver(kvReads(young), 'store-closed');
  await rig.open();
});

test('64 snapshots may be open, and ended ones do not count', async () => {
  await using rig = await withConflicts();
  const taken = Array.from({ length: 64 }, () => rig.replica.snapshot());
  assert.throws(() => rig.replica.snapshot(), { code: 'too-many-snapshots' });
  taken[7]?.[Symbol.dispose]();
  rig.replica.snapshot();
  assert.throws(() => rig.replica.snapshot(), { code: 'too-many-snapshots' });
  await rig.time.advance(60_000);
  for (let i = 0; i < 64; i++) rig.replica.snapshot();
});

const withoutBen: Admission = {
  ...everybody,
  rule: (author) => (equalBytes(author, ben) ? undefined : everybody.rule(author)),
};

/** Ann's store, with a key that Ben's write won and another that hers did; his lie last in the log. */
async function withConflicts({ fillers = 0 } = {}): Promise<ReplicaRig> {
  const rig = await open(1);
  for (let i = 0; i < fillers; i++) await put(rig, `filler=${i}`);
  await using other = await open(2);
  await put(rig, 'a=of ann');
  await put(other, 'b=of ben');
  for (const { time } of [rig, other]) time.setNowMs(time.nowMs() + 1_000);
  await put(rig, 'b=of ann');
  await put(other, 'a=of ben');
  await bring(other, rig);
  return rig;
}

function reading(kv: KvReads): { readonly heads: readonly string[]; readonly list: readonly string[] } {
  return {
    heads: kv.heads(utf8('a')).map(({ value }) => (value ? displayUtf8(value) : 'deleted')),
    list: [...kv.list()].map(
      ({ key, value, conflicted }) => `${displayUtf8(key)}=${displayUtf8(value)}${conflicted ? '!' : ''}`,
    ),
  };
}

/** The last few bundles that were read are remembered: others are read, of which there are to be enough. */
function forgetBundles(rig: ReplicaRig): void {
  for (const { operations } of rig.replica.history()) void operations;
}

function expectOver(kv: KvReads, code: string): void {
  for (const read of [() => kv.get(utf8('a')), () => kv.heads(utf8('a')), () => [...kv.list()]])
    assert.throws(read, (error) => error instanceof LatticeError && error.code === code);
}
