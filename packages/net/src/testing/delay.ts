/** Sends on each packet that comes to a port, and each that is sent back, after a while. Arguments: port, host, its port, ms. */
import { createSocket, type Socket } from 'node:dgram';
import { afterMs } from './system-ports.js';

const [at = 0, , port = 0, ms = 0] = process.argv.slice(2).map(Number);
const host = process.argv[3];
const front = createSocket('udp4');
/** One socket for each sender, by which answers find back. */
const flows = new Map<string, Socket>();

front.on('message', (bytes, from) => {
  const name = `${from.address}:${from.port}`;
  let back = flows.get(name);
  if (back === undefined) {
    back = createSocket('udp4');
    back.on('message', (answer) => afterMs(ms, () => front.send(answer, from.port, from.address)));
    flows.set(name, back);
  }
  const through = back;
  afterMs(ms, () => through.send(bytes, port, host));
});
front.bind(at, () => process.send?.('up'));
