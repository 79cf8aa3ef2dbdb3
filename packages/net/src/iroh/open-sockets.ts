import { createSocket } from 'node:dgram';
import { LatticeError } from '@lattice/model';
import { causeOf } from './causes.js';
import type { Family, SocketPlan, SocketWish } from './socket-plan.js';
import { socketText } from './socket-plan.js';

/** What a socket of our own meets there; the binding does not say which of its sockets failed. */
export type Probe = (family: Family, wish: SocketWish) => Promise<ProbeResult>;
export type ProbeResult = 'free' | 'in-use' | 'not-permitted' | 'not-here';

const attemptsMax = 4;

/**
 * Opens what the plan says. Where that fails it gives up what nobody asked for: a port that is taken makes way for any
 * other, an address family that the machine lacks is left out. What somebody did ask for fails with `port-in-use` or
 * `bind-failed`.
 */
export async function openSockets<T>(
  plan: SocketPlan,
  open: (sockets: readonly string[]) => Promise<T>,
  probe: Probe = probeUdp,
): Promise<T> {
  let current = plan;
  for (let attempt = 1; ; attempt++) {
    try {
      return await open(Object.values(current).map(socketText));
    } catch (error) {
      if (attempt === attemptsMax) throw bindFailed(current, causeOf(error), error);
      current = await easedPlan(current, error, probe);
    }
  }
}

async function easedPlan(plan: SocketPlan, error: unknown, probe: Probe): Promise<SocketPlan> {
  const eased: Partial<Record<Family, SocketWish>> = {};
  let isChanged = false;
  for (const [family, wish] of Object.entries(plan) as [Family, SocketWish][]) {
    const next = easedWish(wish, await probe(family, wish));
    if (next !== undefined) eased[family] = next;
    isChanged ||= next !== wish;
  }
  // Without a socket of its own the binding would listen everywhere, on ports of its choice.
  if (Object.keys(eased).length === 0) throw bindFailed(plan, causeOf(error), error);
  return isChanged ? eased : anyPorts(plan, error);
}

function easedWish(wish: SocketWish, result: ProbeResult): SocketWish | undefined {
  switch (result) {
    case 'free':
      return wish;
    case 'in-use':
      if (wish.isPortAsked) throw portInUse(wish);
      return { ...wish, port: 0 };
    case 'not-permitted':
      if (wish.isPortAsked) throw bindFailed({ v4: wish }, 'this user may not listen there');
      return { ...wish, port: 0 };
    case 'not-here':
      if (wish.isHostAsked) throw bindFailed({ v4: wish }, 'the address is not one of this machine');
      return undefined;
  }
}

/** All is free by now, so something came and went in between: only the ports can have been the matter. */
function anyPorts(plan: SocketPlan, error: unknown): SocketPlan {
  const wishes = Object.entries(plan) as [Family, SocketWish][];
  if (wishes.every(([, wish]) => wish.port === 0 || wish.isPortAsked)) {
    throw bindFailed(plan, causeOf(error), error);
  }
  return Object.fromEntries(
    wishes.map(([family, wish]) => [family, wish.isPortAsked ? wish : { ...wish, port: 0 }]),
  );
}

function probeUdp(family: Family, { host, port }: SocketWish): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: family === 'v4' ? 'udp4' : 'udp6', ipv6Only: family === 'v6' });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(resultOf(error.code));
    });
    socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve('free')));
  });
}

function resultOf(code: string | undefined): ProbeResult {
  if (code === 'EADDRINUSE') return 'in-use';
  if (code === 'EACCES' || code === 'EPERM') return 'not-permitted';
  return 'not-here';
}

function portInUse(wish: SocketWish): LatticeError {
  return new LatticeError(
    'port-in-use',
    `UDP port ${wish.port} on ${wish.host} is in use by another program: choose another port, or none for any that is free.`,
  );
}

function bindFailed(plan: SocketPlan, why: string, cause?: unknown): LatticeError {
  const where = Object.values(plan).map(socketText).join(' and ');
  return new LatticeError(
    'bind-failed',
    `Cannot listen on ${where}: ${why}. Choose another address or port.`,
    { cause },
  );
}
