declare module 'hash-wasm/dist/blake3.umd.min.js' {
  import type { IHasher } from 'hash-wasm';

  const blake3: { createBLAKE3(bits?: number, key?: Uint8Array): Promise<IHasher> };
  export default blake3;
}
