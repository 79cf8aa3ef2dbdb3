// One of two processes between which something goes over Iroh, on loopback: it gives, or it gets. See `rows/iroh.mjs`.
import { openNodeOnDisk } from '@lattice/node';
import { answer } from './tools/child.mjs';
import { watchLoopDelay } from './tools/loop-delay.mjs';
import { joinAndSync } from './tools/mesh.mjs';
import { openPlainTransport, pullPlain, servePlain } from './tools/plain-stream.mjs';
import { timeMs } from './tools/in-turns.mjs';
import { whileCounting } from './tools/wire.mjs';

// What is native dies with the objects that stand for it: these are held.
let node;
let plain;
let endWatch;

answer({
  /** Gives what is in the folder to whoever has an invite. */
  async serve({ folder }) {
    node = await openIrohNode(folder);
    await node.startNetwork();
  },

  async invite() {
    const { token } = await node.meshes()[0].createInvite();
    return token;
  },

  /** From the moment that it asks to join until it has all entries. */
  async join({ folder, token, entries }) {
    const joining = await openIrohNode(folder);
    const figures = await carried(() => joinAndSync(joining, token, entries));
    await joining[Symbol.asyncDispose]();
    return figures;
  },

  /** Gives bytes to whoever asks; returns where. */
  async servePlain() {
    plain = await openPlainTransport();
    void servePlain(plain);
    return plain.address();
  },

  async pullPlain({ address, bytes }) {
    plain ??= await openPlainTransport();
    return carried(() => pullPlain(plain, address, bytes));
  },

  async watch() {
    endWatch = await watchLoopDelay();
  },

  async delays() {
    const delays = await endWatch();
    const ms = (percent) => delays.percentile(percent) / 1e6;
    return { p50: ms(50), p99: ms(99), max: delays.max / 1e6 };
  },
});

/** As a program's own, but that it looks for nobody nearby. */
function openIrohNode(folder) {
  return openNodeOnDisk({ dataDir: folder, bind: '127.0.0.1:0', lan: 'off', version: 'benchmark' });
}

async function carried(work) {
  const { result: ms, sent, received } = await whileCounting(() => timeMs(work));
  return { ms, sent, received };
}
