import { fromUtf8, keyBytesMax, valueBytesMax } from '@lattice/model';
import { bytesJson } from '../output/json-text.js';

/** A key and its value, as `import` and `export` see them. */
export interface Record {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A record, or what is wrong with the line, in words that follow "line 7". */
export type ParsedLine = { readonly record: Record } | { readonly problem: string };

/** One line, without its line break, and the same for the same record always. */
export function recordLine({ key, value }: Record): string {
  return JSON.stringify({ key: bytesJson(key), value: bytesJson(value) });
}

export function parseRecordLine(line: Uint8Array): ParsedLine {
  const text = fromUtf8(line);
  if (text === undefined) return { problem: 'is not UTF-8' };
  const parsed = parseJson(text);
  if (!isObject(parsed)) return { problem: 'is no JSON object' };
  const { key, value, ...others } = parsed;
  const [other] = Object.keys(others);
  if (other !== undefined) return { problem: `has a field ${JSON.stringify(other)} that means nothing here` };
  const keyBytes = bytesOf(key);
  if (keyBytes === undefined) return { problem: `has no key that is ${stringOrBase64}` };
  const valueBytes = bytesOf(value);
  if (valueBytes === undefined) return { problem: `has no value that is ${stringOrBase64}` };
  if (keyBytes.length === 0) return { problem: 'has an empty key' };
  if (keyBytes.length > keyBytesMax) return { problem: `has a key of more than ${keyBytesMax} bytes` };
  if (valueBytes.length > valueBytesMax)
    return { problem: `has a value of more than ${valueBytesMax} bytes` };
  return { record: { key: keyBytes, value: valueBytes } };
}

const stringOrBase64 = 'a string or {"base64": ...}';

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function bytesOf(json: unknown): Uint8Array | undefined {
  // JSON can spell half of a surrogate pair, which is no character and has no UTF-8. (Buffer encodes three times as fast
  // as TextEncoder, which shows in an import.)
  if (typeof json === 'string') return /\p{Surrogate}/u.test(json) ? undefined : Buffer.from(json);
  if (!isObject(json)) return undefined;
  const { base64, ...others } = json;
  if (typeof base64 !== 'string' || Object.keys(others).length > 0) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  // Buffer skips what is no base64: only what comes out again as it went in was understood.
  return bytes.toString('base64') === base64 ? bytes : undefined;
}

function isObject(json: unknown): json is { readonly [name: string]: unknown } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
