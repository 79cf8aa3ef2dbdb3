/** Somebody on the link who knows no node's id: says all sorts of things, and tells what it hears. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { concatBytes, toHex, utf8 } from '@lattice/model';

const [local = ''] = process.argv.slice(2);
const group = '224.0.0.251';
const service = '_lattice._udp.local';
const types = { a: 1, ptr: 12, txt: 16, srv: 33 };

const socket = createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (bytes) => process.send?.(toHex(bytes)));
socket.bind(5353, '0.0.0.0', () => {
  socket.addMembership(group, local);
  socket.setMulticastInterface(local);
  process.send?.('up');
});
process.on('message', () => {
  for (let i = 0; i < 300; i++) socket.send(announcements(i), 5353, group);
  for (let i = 0; i < 300; i++) socket.send(randomBytes(i * 4), 5353, group);
  socket.send(question(service), 5353, group, () => process.send?.('said'));
});

/** Announcements (RFC 1035, 2782 and 6763) that are odd in one way or another, and such as might be somebody's. */
function announcements(i: number): Uint8Array {
  const names = Array.from({ length: 1 + (i % 20) }, (_, n) => {
    return i % 7 === 0 ? `odd${n}` : randomBytes(i % 5 === 0 ? 15 : 16).toString('hex');
  });
  const records = names.flatMap((name) => {
    const texts = [`t=${randomBytes(16).toString('hex')}`, '4=70000', '6=x', '4', '=', 'n'.repeat(i % 200)];
    const target = nameBytes(`${name}.local`);
    const instance = `${name}.${service}`;
    return [
      record(instance, types.srv, i % 3, concatBytes(Uint8Array.of(0, 0, 0, 0, i >> 8, i & 255), target)),
      ...(i % 4 === 0 ? [] : [record(instance, types.txt, 9, concatBytes(...texts.map(counted)))]),
      record(`${name}.local`, types.a, 9, Uint8Array.of(10, 7, 0, 66)),
    ];
  });
  return concatBytes(header(0x8400, 0, records.length), ...records);
}

function question(name: string): Uint8Array {
  return concatBytes(header(0, 1, 0), nameBytes(name), Uint8Array.of(0, types.ptr, 0, 1));
}

function header(flags: number, questions: number, answers: number): Uint8Array {
  return words(0, flags, questions, answers, 0, 0);
}

function record(name: string, type: number, ttl: number, data: Uint8Array): Uint8Array {
  return concatBytes(nameBytes(name), words(type, 1, 0, ttl, data.length), data);
}

function nameBytes(name: string): Uint8Array {
  return concatBytes(...name.split('.').map(counted), Uint8Array.of(0));
}

function counted(text: string): Uint8Array {
  return concatBytes(Uint8Array.of(text.length), utf8(text));
}

function words(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]));
}
