declare module 'hash-wasm/dist/sha256.umd.min.js' {
  import type { IHasher } from 'hash-wasm';

  const sha256: { createSHA256(): Promise<IHasher> };
  export default sha256;
}
