import stringWidth from 'string-width';

/** Stands for what was cut off. */
const ellipsis = '…';

/** In cells of a terminal, where colours have no width and some characters are two wide. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The text, or as much of its beginning as fits with an ellipsis behind it. Colours end where the text does. */
export function fitted(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let left = width - widthOf(ellipsis);
  let isCut = false;
  let shown = '';
  for (const part of parts(text)) {
    if (isColour(part)) {
      shown += part;
    } else if (!isCut) {
      left -= widthOf(part);
      isCut = left < 0;
      if (!isCut) shown += part;
      else if (width > 0) shown += ellipsis;
    }
  }
  return shown;
}

/** Colours, and the characters as people count them. */
function* parts(text: string): Generator<string> {
  // oxlint-disable-next-line no-control-regex -- colours begin with the escape character
  for (const piece of text.split(/(\u001b\[[0-9;]*m)/)) {
    if (isColour(piece)) yield piece;
    else for (const { segment } of characters.segment(piece)) yield segment;
  }
}

const characters = new Intl.Segmenter();

function isColour(piece: string): boolean {
  return piece.startsWith('\u001b[');
}
