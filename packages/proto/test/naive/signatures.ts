import { createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { hex } from './cursor.js';

/** Section "Domains": "lattice/1 " and the name, padded with zeros to 32 bytes. */
export function tagOf(domain: string): Buffer {
  const tag = Buffer.alloc(32);
  tag.write(`lattice/1 ${domain}`, 'ascii');
  return tag;
}

/** Section "Signatures", by another library than the packages use: of what an honest signer made, both say the same. */
export function isSigned(publicKey: string, domain: string, message: string, signature: string): boolean {
  const spki = Buffer.concat([hex('302a300506032b6570032100'), hex(publicKey)]);
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify(null, Buffer.concat([tagOf(domain), hex(message)]), key, hex(signature));
}

/** The public key of a 32-byte seed. */
export function publicKeyOf(seed: string): string {
  const pkcs8 = Buffer.concat([hex('302e020100300506032b657004220420'), hex(seed)]);
  const key = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
  return key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
}
