import { test } from 'node:test';
import { canMakeNamespaces, Namespace } from '@lattice/net/testing';
import { Machine } from '../support/machine.js';

const skip = canMakeNamespaces() ? false : 'needs root and the package iproute2';
/** Seconds on a machine that does nothing else: some 2, and some 15 where a connection has to be found dead first. */
const foundWithinMs = 30_000;
const movedWithinMs = 60_000;

test(
  'members that both have other addresses than when they last met find each other on one network',
  { skip },
  async (context) => {
    using home = new Namespace('home');
    using away = new Namespace('away');
    home.connect('e0', away, 'e0');
    home.setAddresses('e0', '10.7.0.1/24');
    away.setAddresses('e0', '10.7.0.2/24');
    const desk = new Machine(context, { network: home });
    await desk.json('mesh', 'create', 'home');
    await desk.startDaemon();
    const { token } = (await desk.json('mesh', 'invite')) as { token: string };
    const laptop = new Machine(context, { network: away });
    await laptop.json('mesh', 'join', token);
    await desk.stopDaemon();
    home.setAddresses('e0', '192.168.9.1/24');
    away.setAddresses('e0', '192.168.9.2/24');
    await desk.json('put', 'from', 'desk');
    await Promise.all([desk.startDaemon(), laptop.startDaemon()]);
    await laptop.untilHas('from', 'desk', foundWithinMs);

    // With both running, the network becomes another one.
    home.setAddresses('e0', '172.20.0.1/24');
    away.setAddresses('e0', '172.20.0.2/24');
    await laptop.json('put', 'moved', 'yes');
    await desk.untilHas('moved', 'yes', movedWithinMs);
  },
);
