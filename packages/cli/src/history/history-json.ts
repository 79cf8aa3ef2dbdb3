import type { HistoryEntry, HistoryOperation } from '@lattice/api';
import { fromUtf8, type Hlc, hlcToMs } from '@lattice/model';
import { timeText } from '../output/columns.js';
import { bytesJson, type Json } from '../output/json-text.js';

/** One version of a key. */
export function versionJson(version: HistoryEntry): Json {
  const [operation] = version.operations;
  return {
    ...placeJson(version),
    op: operation?.op ?? null,
    value: valueJson(operation),
    deps: version.deps,
    head: version.head,
  };
}

/** An entry of a store: key and value where it does one thing, the operations where it does several. */
export function entryJson(entry: HistoryEntry): Json {
  const { operations, operationCount, deps, head, counts, forked, replaced, instead } = entry;
  const only = operationCount === 1 ? operations[0] : undefined;
  return {
    ...placeJson(entry),
    op: operationCount === 0 ? 'merge' : (only?.op ?? 'batch'),
    key: keyJson(only),
    value: valueJson(only),
    ...(only === undefined ? {} : cutJson(only)),
    ...(operationCount > 1 ? { operations: operations.map(operationJson), operationCount } : {}),
    deps,
    head,
    counts,
    forked,
    replaced,
    ...(instead === undefined ? {} : { instead }),
  };
}

function placeJson({ entry, author, seq, time }: HistoryEntry) {
  return { entry, author, seq: Number(seq), time: timeText(hlcToMs(time as Hlc)) };
}

function operationJson(operation: HistoryOperation): Json {
  return {
    op: operation.op,
    key: keyJson(operation),
    value: valueJson(operation),
    ...cutJson(operation),
  };
}

function keyJson(operation: HistoryOperation | undefined): Json {
  return operation?.key === undefined ? null : bytesJson(operation.key);
}

function valueJson(operation: HistoryOperation | undefined): Json {
  const { value, valueBytes } = operation ?? {};
  if (value === undefined) return null;
  return bytesJson(BigInt(value.length) < (valueBytes ?? 0n) ? wholeCharacters(value) : value);
}

/** Says of a value that is only a beginning how long it is in all. */
function cutJson({ value, valueBytes }: HistoryOperation): { readonly valueBytes?: number } {
  return value !== undefined && value.length < valueBytes ? { valueBytes: Number(valueBytes) } : {};
}

/** Without the character that a cut went through, where it is text. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let less = 0; less < 4; less++) {
    const shorter = bytes.subarray(0, bytes.length - less);
    if (fromUtf8(shorter) !== undefined) return shorter;
  }
  return bytes;
}
