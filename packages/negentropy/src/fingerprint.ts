import hashWasm from 'hash-wasm/dist/sha256.umd.min.js';
import { MessageWriter } from './message-writer.js';

export const fingerprintBytes = 16;

/** 32-bit digits of a sum of ids, which is taken modulo 2^256; the least significant one first. */
export const sumDigits = 8;

/** The start of SHA-256 over the sum of the ids (32 bytes, little-endian) and how many they are. */
export function fingerprintOf(sum: Uint32Array, count: number): Uint8Array {
  const message = new MessageWriter();
  const digit = new DataView(new ArrayBuffer(4));
  for (const value of sum) {
    digit.setUint32(0, value, true);
    message.bytes(new Uint8Array(digit.buffer));
  }
  sha256.init();
  sha256.update(message.varint(count).finish());
  return sha256.digest('binary').slice(0, fingerprintBytes);
}

const sha256 = await hashWasm.createSHA256();
