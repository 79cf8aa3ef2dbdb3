declare module '@napi-rs/blake-hash' {
  export interface NativeHasher {
    /** Begins anew, with the same key. */
    reset(): void;
    update(bytes: Uint8Array): void;
    digestBuffer(): Uint8Array;
  }

  const blakeHash: { readonly Blake3Hasher: { newKeyed(key: Uint8Array): NativeHasher } };
  export default blakeHash;
}
