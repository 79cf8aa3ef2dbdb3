import { keyBytesMax, keyBytesMin, LatticeError, valueBytesMax } from '@lattice/model';

/** Throws `key-empty` or `key-too-long`. */
export function checkKey(key: Uint8Array): void {
  if (key.length < keyBytesMin)
    throw new LatticeError('key-empty', 'A key cannot be empty: give it at least one character.');
  if (key.length > keyBytesMax) {
    throw new LatticeError(
      'key-too-long',
      `A key may have ${keyBytesMax} bytes, this one has ${key.length}: shorten it.`,
    );
  }
}

/** Throws `value-too-large`. */
export function checkValue(value: Uint8Array): void {
  if (value.length <= valueBytesMax) return;
  const message = `A value may have ${valueBytesMax} bytes, this one has ${value.length}: split it over several keys.`;
  throw new LatticeError('value-too-large', message);
}
