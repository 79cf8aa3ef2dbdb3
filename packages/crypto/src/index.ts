export { blake3 } from './blake3.js';
export { domains, domainTag } from './domains.js';
export { type KeyPair, keyPairFromSeed, sign, signRaw, verify, verifyRaw } from './ed25519.js';
