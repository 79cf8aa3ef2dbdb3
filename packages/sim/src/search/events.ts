import { between, percent } from '../core/chance.js';
import type { Step } from '../world/step.js';
import type { Plot } from './plot.js';

export interface Event {
  /** How often it happens, beside the others. */
  readonly weight: number;
  readonly tell: (plot: Plot) => readonly Step[];
}

const minuteMs = 60_000;
const keys = 10;

export function weightOf({ weight }: Event): number {
  return weight;
}

/** What may happen. Some of it is a step; some is a few that belong together. */
export const events: readonly Event[] = [
  { weight: 260, tell: (plot) => [putOf(plot, plot.anyUp())] },
  { weight: 50, tell: deletion },
  { weight: 50, tell: batch },
  { weight: 60, tell: append },
  { weight: 60, tell: everybodyWrites },
  { weight: 30, tell: burst },

  { weight: 35, tell: partition },
  { weight: 20, tell: cutOneWay },
  { weight: 55, tell: () => [{ do: 'heal' }] },
  { weight: 25, tell: reset },
  { weight: 18, tell: weather },
  { weight: 12, tell: (plot) => [{ do: 'losePushes', percent: plot.random.pick([0, 0, 20, 60, 100]) }] },

  {
    weight: 35,
    tell: (plot) => [plot.off(plot.anyUp(), plot.random.pick(['kill', 'crash', 'crash', 'stop']))],
  },
  { weight: 40, tell: endAtAnOperation },
  { weight: 110, tell: startOne },
  { weight: 12, tell: moved },

  { weight: 14, tell: skew },
  {
    weight: 6,
    tell: (plot) => [{ do: 'drift', node: plot.anyName(), partsPerMillion: between(plot.random, -500, 500) }],
  },
  { weight: 10, tell: fullDisk },
  { weight: 25, tell: roomAgain },
  { weight: 8, tell: (plot) => [{ do: 'failSync', node: plot.anyUp() }] },
  {
    weight: 12,
    tell: (plot) => [{ do: 'slowDisk', node: plot.anyUp(), ms: plot.random.pick([0, 0, 2, 20, 400]) }],
  },
  { weight: 10, tell: damage },
  { weight: 8, tell: snapshot },
  { weight: 8, tell: restore },
  { weight: 3, tell: clone },

  { weight: 25, tell: (plot) => plot.invited(plot.anyUp(), plot.anyName()) },
  { weight: 12, tell: inviteUsedTwice },
  { weight: 9, tell: (plot) => [{ do: 'revoke', node: plot.anyUp(), whom: plot.anyName() }] },
  { weight: 4, tell: mutualRevocation },
  { weight: 12, tell: newStore },
  { weight: 6, tell: (plot) => [{ do: 'sync', node: plot.anyUp() }] },
  { weight: 8, tell: renaming },
  { weight: 5, tell: deletedStore },
  { weight: 6, tell: (plot) => [{ do: 'nameNode', node: plot.anyUp(), name: `n${plot.next()}` }] },
  { weight: 4, tell: leaving },
];

function putOf(plot: Plot, node: string): Step {
  const size = percent(plot.random, 3) ? between(plot.random, 1_000, 20_000) : 0;
  // Some of them have entries of their own.
  const bytes = size > 15_000 ? 5 * size : size;
  const value = `${node} ${plot.next()}${'.'.repeat(bytes)}`;
  return { do: 'put', node, store: plot.anyStore('kv'), key: keyOf(plot), value };
}

function keyOf({ random }: Plot): string {
  return `k${random.below(keys)}`;
}

function deletion(plot: Plot): readonly Step[] {
  return [{ do: 'delete', node: plot.anyUp(), store: plot.anyStore('kv'), key: keyOf(plot) }];
}

function batch(plot: Plot): readonly Step[] {
  const writes: Record<string, string | null> = {};
  for (let i = between(plot.random, 2, 5); i > 0; i--)
    writes[keyOf(plot)] = percent(plot.random, 25) ? null : `batch ${plot.next()}`;
  return [{ do: 'batch', node: plot.anyUp(), store: plot.anyStore('kv'), writes }];
}

function append(plot: Plot): readonly Step[] {
  const [log] = plot.stores.filter(({ type }) => type === 'log');
  if (!log) return newStore(plot);
  return [{ do: 'append', node: plot.anyUp(), store: plot.anyStore('log'), value: `line ${plot.next()}` }];
}

/** To one key, in the same moment: conflicts. */
function everybodyWrites(plot: Plot): readonly Step[] {
  const [key, store] = [keyOf(plot), plot.anyStore('kv')];
  return plot.members.map((node) => ({ do: 'put', node, store, key, value: `${node} ${plot.next()}` }));
}

/** Without waiting: they share entries. */
function burst(plot: Plot): readonly Step[] {
  const node = plot.anyUp();
  return Array.from({ length: between(plot.random, 3, 20) }, () => putOf(plot, node));
}

function partition(plot: Plot): readonly Step[] {
  const groups: string[][] = Array.from({ length: between(plot.random, 2, 3) }, () => []);
  for (const name of plot.names) plot.random.pick(groups).push(name);
  return [{ do: 'partition', groups: groups.filter((group) => group.length > 0) }];
}

function cutOneWay(plot: Plot): readonly Step[] {
  const [from, to] = [plot.anyName(), plot.anyName()];
  return from === to ? [] : [{ do: 'cut', from, to }];
}

function reset(plot: Plot): readonly Step[] {
  const [a, b] = [plot.anyName(), plot.anyName()];
  return a === b ? [] : [{ do: 'reset', a, b }];
}

function weather({ random }: Plot): readonly Step[] {
  const latencyMs = random.pick([1, 5, 40, 150, 600]);
  const [jitterMs, lossPercent] = [random.pick([0, 2, 50, 400]), random.pick([0, 0, 2, 10, 30])];
  return [
    { do: 'weather', latencyMs, jitterMs, lossPercent, bytesPerSecond: random.pick([0, 0, 20_000, 200_000]) },
  ];
}

function endAtAnOperation(plot: Plot): readonly Step[] {
  const node = plot.anyUp();
  const how = plot.random.pick(['kill', 'crash', 'crash'] as const);
  const operation = between(plot.random, 1, 8);
  plot.down.add(node);
  return [{ do: 'endAt', node, operation, how }, putOf(plot, node), putOf(plot, node)];
}

function startOne(plot: Plot): readonly Step[] {
  return plot.down.size === 0 ? [] : [plot.up(plot.random.pick([...plot.down]))];
}

function moved(plot: Plot): readonly Step[] {
  const node = plot.anyUp();
  if (percent(plot.random, 50)) return [{ do: 'move', node }];
  const ms = between(plot.random, 0, 40_000);
  return [plot.off(node), { do: 'move', node }, { do: 'pass', ms }, plot.up(node)];
}

function skew(plot: Plot): readonly Step[] {
  const { random } = plot;
  const within = between(random, -4 * minuteMs, 4 * minuteMs);
  // Not more than a day behind: such a clock is gone by, and what it writes may be older than its own admission.
  const beyond = random.pick([-600, -60, -12, 12, 60, 600]) * minuteMs;
  return [{ do: 'skew', node: plot.anyName(), ms: percent(random, 70) ? within : beyond }];
}

function fullDisk(plot: Plot): readonly Step[] {
  const node = plot.anyUp();
  plot.full.add(node);
  return [{ do: 'fullDisk', node }];
}

function roomAgain(plot: Plot): readonly Step[] {
  if (plot.full.size === 0) return [];
  const node = plot.random.pick([...plot.full]);
  plot.full.delete(node);
  return [{ do: 'diskRelents', node }];
}

function damage(plot: Plot): readonly Step[] {
  const node = plot.anyUp();
  return [plot.off(node, 'crash'), { do: 'damage', node }, { do: 'pass', ms: 50 }, plot.up(node)];
}

function snapshot(plot: Plot): readonly Step[] {
  const node = plot.anyUp();
  const image = `s${plot.next()}`;
  plot.images.push({ node, image });
  return [plot.off(node, plot.random.pick(['stop', 'kill'])), { do: 'snapshot', node, image }, plot.up(node)];
}

function restore(plot: Plot): readonly Step[] {
  if (plot.images.length === 0) return snapshot(plot);
  const { node, image } = plot.random.pick(plot.images);
  return [plot.off(node), { do: 'restore', node, image }, plot.up(node)];
}

function clone(plot: Plot): readonly Step[] {
  const node = plot.anyUp();
  const as = `${node}-twin${plot.next()}`;
  plot.members.push(as);
  return [plot.off(node, 'stop'), { do: 'clone', node, as }, plot.up(node), plot.up(as)];
}

function inviteUsedTwice(plot: Plot): readonly Step[] {
  if (plot.invites.length === 0) return [];
  return [{ do: 'join', node: plot.anyName(), invite: plot.random.pick(plot.invites) }];
}

function mutualRevocation(plot: Plot): readonly Step[] {
  const [a, b] = [plot.anyMember(), plot.anyMember()];
  if (a === b) return [];
  return [
    { do: 'partition', groups: [[a], [b]] },
    { do: 'revoke', node: a, whom: b },
    { do: 'revoke', node: b, whom: a },
    { do: 'pass', ms: between(plot.random, 0, 8_000) },
    ...(percent(plot.random, 50) ? [{ do: 'heal' } as const] : []),
  ];
}

function newStore(plot: Plot): readonly Step[] {
  if (plot.stores.length >= 4) return [];
  const type = plot.random.pick(['kv', 'log'] as const);
  const name = `${type}${plot.next()}`;
  plot.stores.push({ name, type });
  return [{ do: 'createStore', node: plot.anyUp(), store: name, type }];
}

function renaming(plot: Plot): readonly Step[] {
  const store = plot.anyLater();
  if (!store) return newStore(plot);
  const name = `${store.type}${plot.next()}`;
  plot.stores.splice(plot.stores.indexOf(store), 1, { ...store, name });
  return [{ do: 'renameStore', node: plot.anyUp(), store: store.name, name }];
}

function deletedStore(plot: Plot): readonly Step[] {
  const store = plot.anyLater();
  if (!store) return newStore(plot);
  plot.stores.splice(plot.stores.indexOf(store), 1);
  return [{ do: 'deleteStore', node: plot.anyUp(), store: store.name }];
}

/** Some go, and then try to be let in again, which is refused. */
function leaving(plot: Plot): readonly Step[] {
  const node = plot.anyUp();
  if (plot.members.length < 3) return [];
  const left: Step[] = [{ do: 'leave', node, force: percent(plot.random, 40) }];
  return percent(plot.random, 20)
    ? [...left, { do: 'pass', ms: 2_000 }, ...plot.invited(plot.anyUp(), node)]
    : left;
}
