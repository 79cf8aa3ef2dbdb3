import stringWidth from 'string-width';

/** As much of a line as fits into that many columns of a terminal; where some of it is missing, it ends in "…". */
export function cut(text: string, width: number): string {
  if (width === Number.POSITIVE_INFINITY || stringWidth(text) <= width) return text;
  if (width < 1) return '';
  let kept = '';
  let room = width - 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    room -= stringWidth(segment);
    if (room < 0) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
