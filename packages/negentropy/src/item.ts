export interface Item {
  /** 0 to 2^64 - 2; what it counts is the application's, the same on both sides. */
  readonly timestamp: bigint;
  /** 32 bytes, spread evenly: a hash. */
  readonly id: Uint8Array;
}

export const idBytes = 32;

/** The timestamp that no item has, and that lies behind all others. */
export const infinity = 2n ** 64n - 1n;
