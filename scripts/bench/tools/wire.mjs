// What this process's connections over Iroh have carried, in UDP datagrams: with QUIC's own headers and acknowledgements.
import { Connection } from '@number0/iroh';

const connections = new Set();

// Nobody else knows them all: whoever has one waits for the streams that its peer opens.
const { value: acceptBi } = Object.getOwnPropertyDescriptor(Connection.prototype, 'acceptBi');
Connection.prototype.acceptBi = function () {
  connections.add(this);
  return acceptBi.call(this);
};

/** In all, those of connections that have ended too. */
export function wireBytes() {
  const all = [...connections].map((connection) => connection.stats());
  const sum = (what) => all.reduce((bytes, stats) => bytes + stats[what], 0);
  return { sent: sum('udpTxBytes'), received: sum('udpRxBytes') };
}
