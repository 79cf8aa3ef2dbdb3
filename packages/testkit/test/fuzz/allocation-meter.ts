/*
 * Counts the bytes of what is allocated outside of the JavaScript heap, which no limit of a worker covers. (What lies on
 * the heap, a worker's own limit does.)
 */
let allocatedBytes = 0;

/** Replaces the constructor of byte arrays, and those of Buffer that take a size, for all code of this thread. */
export function meterAllocation(): void {
  globalThis.Uint8Array = new Proxy(Uint8Array, {
    construct(target, args: [unknown], newTarget) {
      if (typeof args[0] === 'number') allocatedBytes += args[0];
      return Reflect.construct(target, args, newTarget) as Uint8Array;
    },
  });
  for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
    const make = Buffer[name].bind(Buffer) as (size: number) => Buffer;
    Object.assign(Buffer, {
      [name]: (size: number, ...rest: readonly unknown[]) => {
        allocatedBytes += size;
        return Reflect.apply(make, Buffer, [size, ...rest]);
      },
    });
  }
}

/** Since the last call. */
export function takeAllocatedBytes(): number {
  const bytes = allocatedBytes;
  allocatedBytes = 0;
  return bytes;
}
