declare module 'fs-native-extensions' {
  /** Locks a range of an open file for this process alone, or returns false where another has it. */
  export function tryLock(descriptor: number, offset: number, length: number): boolean;
}
