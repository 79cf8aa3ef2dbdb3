import { assert, toHex } from '@lattice/model';
import type { TransportCase } from './suite-tools.js';
import { connectBoth, equal, never, openBoth, openPair, readExactly, rejectsWith } from './suite-tools.js';

/** More than can be had in the seconds that a transport in another thread may take to tell. */
const exchangesMax = 100_000;

export const connectionCases: readonly TransportCase[] = [
  {
    name: 'both sides know who the other is, and who dialled',
    async run(rig) {
      const { dialler, listener, near, far } = await openPair(rig);
      equal(toHex(near.remote), toHex(listener.nodeId), 'who was dialled');
      equal(toHex(far.remote), toHex(dialler.nodeId), 'who dialled');
      assert(near.dialled && !far.dialled, 'only one side dialled');
      assert(far.info().path !== 'unknown', 'who was dialled knows which way it came');
    },
  },
  {
    name: 'who dialled knows the way soon after something has gone over it',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const [own, other] = await openBoth(near, far);
      for (let exchanges = 0; near.info().path === 'unknown'; exchanges++) {
        assert(exchanges < exchangesMax, 'the path becomes known');
        await Promise.all([own.write(Uint8Array.of(1)), other.write(Uint8Array.of(1))]);
        await Promise.all([readExactly(own, 1), readExactly(other, 1)]);
      }
    },
  },
  {
    name: 'an address names the node and how to reach it',
    async run(rig) {
      const transport = await rig.open();
      equal(toHex(transport.address().nodeId), toHex(transport.nodeId), 'the node');
      assert(transport.address().direct.length > 0, 'there is a direct address');
    },
  },
  {
    name: 'two nodes that dial each other at the same time get two connections that work',
    async run(rig) {
      const [a, b] = await Promise.all([rig.open(), rig.open()]);
      const [[aNear, bFar], [bNear, aFar]] = await Promise.all([connectBoth(a, b), connectBoth(b, a)]);
      await Promise.all([openBoth(aNear, bFar), openBoth(bNear, aFar), openBoth(bFar, aNear)]);
    },
  },
  {
    name: 'of several addresses, one that works is enough',
    async run(rig) {
      const [a, b] = await Promise.all([rig.open(), rig.open()]);
      const { nodeId, direct } = b.address();
      const [near, far] = await Promise.all([
        a.connect({ nodeId, direct: [rig.deadAddress, ...direct] }, never),
        b.accept(),
      ]);
      assert(far !== undefined, 'the other side accepts');
      await openBoth(near, far);
    },
  },
  {
    name: 'a close carries its reason to the other side, and tells who closed',
    async run(rig) {
      const { near, far } = await openPair(rig);
      near.close('enough (code 7)\u001b[31m');
      near.close('a second reason');
      const [here, there] = await Promise.all([near.closed, far.closed]);
      equal(`${here.by} ${here.reason}`, 'local enough (code 7) [31m', 'how it ended here');
      equal(`${there.by} ${there.reason}`, 'remote enough (code 7) [31m', 'how it ended there');
      far.close('too late');
      equal((await far.closed).by, 'remote', 'who closed');
    },
  },
  {
    name: 'an empty reason stays empty, and a long one is cut to 200 bytes',
    async run(rig) {
      const first = await openPair(rig);
      first.near.close('');
      equal((await first.far.closed).reason, '', 'the empty reason');
      const [near, far] = await connectBoth(first.dialler, first.listener);
      near.close('é'.repeat(500));
      equal((await far.closed).reason, 'é'.repeat(100), 'the long reason');
    },
  },
  {
    name: 'closing the transport closes its connections, with a reason that the peer sees',
    async run(rig) {
      const { dialler, listener, near, far } = await openPair(rig);
      const accepting = listener.accept();
      await listener[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
      equal((await far.closed).by, 'local', 'who closed, here');
      const there = await near.closed;
      equal(`${there.by} ${there.reason}`, 'remote the node is shutting down', 'how it ended there');
      equal(await accepting, undefined, 'what was being accepted');
      equal(await listener.accept(), undefined, 'what is accepted after');
      await rejectsWith(listener.connect(dialler.address(), never), 'transport-closed');
    },
  },
  {
    name: 'a closed connection opens and accepts nothing',
    async run(rig) {
      const { near, far } = await openPair(rig);
      const accepting = near.acceptStream();
      const acceptingThere = far.acceptStream();
      near.close('done');
      equal(await accepting, undefined, 'what was being accepted here');
      equal(await acceptingThere, undefined, 'what was being accepted there');
      for (const connection of [near, far]) {
        equal(await connection.acceptStream(), undefined, 'what is accepted after');
        await rejectsWith(connection.openStream(), 'connection-closed');
      }
    },
  },
  {
    name: 'an address without a way to it fails at once, and so does dialling oneself',
    async run(rig) {
      const [a, b] = await Promise.all([rig.open(), rig.open()]);
      await rejectsWith(a.connect({ nodeId: b.nodeId, direct: [] }, never), 'dial-failed');
      await rejectsWith(a.connect(a.address(), never), 'dial-failed');
    },
  },
  {
    name: 'a dial that another key answers fails',
    async run(rig) {
      const [a, b, c] = await Promise.all([rig.open(), rig.open(), rig.open()]);
      await rejectsWith(a.connect({ nodeId: b.nodeId, direct: c.address().direct }, never), 'dial-failed');
      const [near, far] = await connectBoth(a, c);
      await openBoth(near, far);
    },
  },
  {
    name: 'a dial that goes nowhere ends as soon as it is given up',
    async run(rig) {
      const [a, b, c] = await Promise.all([rig.open(), rig.open(), rig.open()]);
      const giveUp = new AbortController();
      // Not the key of the one that is dialled next: what is left of this dial could still come through to it.
      const nowhere = { nodeId: c.nodeId, direct: [rig.deadAddress] };
      const dial = a.connect(nowhere, giveUp.signal);
      giveUp.abort();
      await rejectsWith(dial, 'aborted');
      await rejectsWith(a.connect(nowhere, giveUp.signal), 'aborted');
      const [near, far] = await connectBoth(a, b);
      await openBoth(near, far);
    },
  },
  {
    name: 'a dial that succeeds after it was given up is closed again',
    async run(rig) {
      const [a, b] = await Promise.all([rig.open(), rig.open()]);
      const giveUp = new AbortController();
      const dial = a.connect(b.address(), giveUp.signal);
      giveUp.abort();
      await rejectsWith(dial, 'aborted');
      // The handshake may or may not have come through; either way nothing of it stays, and the next dial works.
      const accepted = b.accept();
      const near = await a.connect(b.address(), never);
      let far = await accepted;
      assert(far !== undefined, 'the other side accepts');
      const stream = await near.openStream();
      await stream.write(Uint8Array.of(1));
      let arrived = await far.acceptStream();
      while (arrived === undefined) {
        equal((await far.closed).by, 'remote', 'who closed the one that was given up');
        far = await b.accept();
        assert(far !== undefined, 'the other side accepts again');
        arrived = await far.acceptStream();
      }
      equal(toHex(await readExactly(arrived, 1)), '01', 'what arrives');
    },
  },
  {
    name: 'a dial under way ends when its transport closes',
    async run(rig) {
      const [a, b] = await Promise.all([rig.open(), rig.open()]);
      const dial = a.connect({ nodeId: b.nodeId, direct: [rig.deadAddress] }, never);
      await Promise.all([a[Symbol.asyncDispose](), rejectsWith(dial, 'transport-closed')]);
    },
  },
];
