/** A size for people: "812 bytes", "1.5 MB". */
export function sizeText(bytes: number | bigint): string {
  let size = Number(bytes);
  if (size < 1_000) return size === 1 ? '1 byte' : `${size} bytes`;
  let unit = '';
  for (const next of ['kB', 'MB', 'GB', 'TB']) {
    if (size < 1_000) break;
    size /= 1_000;
    unit = next;
  }
  return `${size.toFixed(1)} ${unit}`;
}
