import type { Hash } from '@lattice/model';
import type { NativeHasher } from '@napi-rs/blake-hash';
import { type Domain, domainTag } from './domains.js';

/** `blake3` in native code, which uses all that the processor has: of large inputs, many times as fast as WebAssembly. */
export type NativeBlake3 = (domain: Domain, parts: readonly Uint8Array[]) => Hash;

let loading: Promise<NativeBlake3 | undefined> | undefined;
let loaded: NativeBlake3 | undefined;

/** Resolves with `undefined` where no binary is for this machine, or none was installed. */
export function loadNativeBlake3(): Promise<NativeBlake3 | undefined> {
  loading ??= load();
  return loading;
}

/** Once it is there. Who asks first has it loaded, for later: it takes some milliseconds, and most need it never. */
export function nativeBlake3(): NativeBlake3 | undefined {
  if (!loading) void loadNativeBlake3();
  return loaded;
}

async function load(): Promise<NativeBlake3 | undefined> {
  try {
    const { default: library } = await import('@napi-rs/blake-hash');
    const hashers = new Map<Domain, NativeHasher>();
    loaded = (domain, parts) => {
      const hasher = hashers.get(domain) ?? library.Blake3Hasher.newKeyed(domainTag(domain));
      hashers.set(domain, hasher);
      hasher.reset();
      for (const part of parts) hasher.update(part);
      // A plain array, as others are.
      return new Uint8Array(hasher.digestBuffer()) as Hash;
    };
  } catch {
    loaded = undefined;
  }
  return loaded;
}
