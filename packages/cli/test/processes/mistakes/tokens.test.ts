import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from '../support/machine.js';
import { joined, pair } from '../support/pair.js';
import { refused } from '../support/refused.js';

const join = (token: string) => ['mesh', 'join', token];
const invite = async (machine: Machine, ...options: readonly string[]) =>
  ((await machine.json('mesh', 'invite', ...options)) as { token: string }).token;

test('a token that is none, cut off or altered is told apart without asking anybody', async (context) => {
  const inviter = new Machine(context);
  await inviter.json('mesh', 'create', 'home');
  const token = await invite(inviter);
  const machine = new Machine(context);
  await refused(machine, join(''), 1, /not an invite token.*"lattice1"/);
  await refused(machine, join('hello'), 1, /not an invite token.*"lattice1"/);
  for (const length of [9, 60, token.length - 1])
    await refused(machine, join(token.slice(0, length)), 1, /token is incomplete.*last character/);
  const at = token.length - 30;
  const altered = `${token.slice(0, at)}${token[at] === 'a' ? 'b' : 'a'}${token.slice(at + 1)}`;
  await refused(machine, join(altered), 1, /token .*(?:altered|mistyped|wrong).*copy it again/i);
  assert.deepEqual(await machine.json('mesh', 'list'), []);
});

test('a token that was used, or whose time is over, is refused; used twice by the same node, it is one join', async (context) => {
  const [first] = await pair(context);
  const short = await invite(first, '--expires', '1s');
  const token = await invite(first);
  const second = new Machine(context);
  await second.json(...join(token));
  await second.json(...join(token));
  const third = new Machine(context);
  await refused(third, join(token), 1, /used.*another|invite/);
  // A second is over by now, whatever the machine was busy with: three processes have run since.
  await refused(third, join(short), 1, /expired.*another|new one/);
});

test('a token whose members are all away says so, and works once one of them is back', async (context) => {
  const first = new Machine(context);
  await first.json('mesh', 'create', 'home');
  await first.startDaemon();
  const token = await invite(first);
  await first.stopDaemon();
  const second = new Machine(context);
  await refused(second, join(token), 1, /could not be reached|could be reached.*join again/);
  await first.startDaemon();
  await joined(context, first);
});
