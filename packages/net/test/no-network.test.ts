import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChildNode } from './support/child-node.js';
import { canMakeNamespaces, Namespace } from '@lattice/net/testing';

/** Of a start that waits for nothing; those that wait for a network take seconds, or for ever. */
const bindMsMax = 2_000;

const skip = canMakeNamespaces() ? false : 'needs root and the package iproute2';

test('a node starts without any network interface', { skip, timeout: 30_000 }, async () => {
  using host = new Namespace('down');
  await using child = await ChildNode.start({ bind: [], wrapper: host.wrapper });
  assert(child.report.bindMs < bindMsMax, `${child.report.bindMs} ms`);
  assert.deepEqual(child.report.direct, []);
});

test('a node that has nothing but loopback says so', { skip, timeout: 30_000 }, async () => {
  using host = new Namespace('lo');
  host.run('ip', 'link', 'set', 'lo', 'up');
  await using child = await ChildNode.start({ bind: [], wrapper: host.wrapper });
  const { ports, direct, bindMs } = child.report;
  assert(bindMs < bindMsMax, `${bindMs} ms`);
  assert.deepEqual(direct.toSorted(), [`127.0.0.1:${ports.v4}`, `[::1]:${ports.v6}`]);
});

test('a machine without IPv6 works, on loopback and everywhere', { skip, timeout: 30_000 }, async () => {
  using host = new Namespace('no6');
  host.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6');
  host.run('ip', 'link', 'set', 'lo', 'up');
  for (const bind of [[], [{ host: 'localhost' }], [{ port: 4001 }]]) {
    await using child = await ChildNode.start({ bind, wrapper: host.wrapper });
    assert.deepEqual(child.report.direct, [`127.0.0.1:${child.report.ports.v4}`]);
  }
});

test('addresses that come and go are noticed', { skip, timeout: 30_000 }, async () => {
  using host = new Namespace('move');
  host.run('ip', 'link', 'set', 'lo', 'up');
  await using child = await ChildNode.start({ bind: [], wrapper: host.wrapper });
  const { v4, v6 } = child.report.ports;

  host.run('ip', 'link', 'add', 'e0', 'type', 'veth', 'peer', 'name', 'e1');
  host.run('ip', 'address', 'add', '10.9.0.1/24', 'dev', 'e0');
  host.run('ip', 'address', 'add', 'fd00::9/64', 'dev', 'e0', 'nodad');
  for (const end of ['e0', 'e1']) host.run('ip', 'link', 'set', end, 'up');
  assert.deepEqual(await lookAgain(child), [`10.9.0.1:${v4}`, `[fd00::9]:${v6}`]);

  host.run('ip', 'address', 'delete', '10.9.0.1/24', 'dev', 'e0');
  host.run('ip', 'address', 'add', '10.8.0.1/24', 'dev', 'e0');
  assert.deepEqual(await lookAgain(child), [`10.8.0.1:${v4}`, `[fd00::9]:${v6}`]);
});

async function lookAgain(child: ChildNode): Promise<readonly string[]> {
  const report = child.nextReport();
  child.look();
  return (await report).direct.toSorted();
}
