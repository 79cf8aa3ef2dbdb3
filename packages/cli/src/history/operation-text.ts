import type { HistoryEntry, HistoryOperation } from '@lattice/api';
import { counted, displayUtf8 } from '@lattice/model';
import { quoted, quotedBytes } from '../output/printable.js';

/** What an entry of a store's history did, on one line. */
export function entryText({ operations, operationCount }: HistoryEntry): string {
  const [only] = operations;
  if (only === undefined) return 'merge';
  if (operationCount === 1) return operationText(only);
  const named = operations.map(({ op, key }) => (key === undefined ? op : `${op} ${quotedBytes(key)}`));
  const rest = operationCount > operations.length ? ', ...' : '';
  return `${counted(operationCount, 'operation')}: ${named.join(', ')}${rest}`;
}

/** What one version of a key is; which key goes without saying. */
export function versionText({ operations }: HistoryEntry): string {
  const [operation] = operations;
  if (operation?.value === undefined) return operation?.op ?? '';
  return `${operation.op} ${valueText(operation)}`;
}

function operationText(operation: HistoryOperation): string {
  const { op, key } = operation;
  if (op === 'invalid') return 'nothing: no node can read it';
  if (op === 'unknown') return 'something that only a newer version can read';
  const what = key === undefined ? op : `${op} ${quotedBytes(key)}`;
  if (operation.value === undefined) return what;
  return `${what}${key === undefined ? '' : ' ='} ${valueText(operation)}`;
}

/** Where only the beginning came, it may end in the middle of a character. */
function valueText({ value = new Uint8Array(), valueBytes }: HistoryOperation): string {
  if (value.length >= valueBytes) return quotedBytes(value);
  const text = displayUtf8(value).replace(/\ufffd+$/, '');
  return `${text.includes('\ufffd') ? quotedBytes(value) : quoted(text)} ... (${counted(valueBytes, 'byte')})`;
}
