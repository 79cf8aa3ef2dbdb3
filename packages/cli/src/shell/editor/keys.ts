/** A key as `node:readline` tells of it. */
export interface Key {
  /** What it types, where it types something. */
  readonly text: string | undefined;
  readonly name: string | undefined;
  readonly ctrl: boolean;
  readonly meta: boolean;
}

/** What keys do, as in other shells (the Emacs keys of Readline). */
export type Action =
  | 'accept'
  | 'break-line'
  | 'interrupt'
  | 'end-or-delete'
  | 'complete'
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'line-start'
  | 'line-end'
  | 'up'
  | 'down'
  | 'delete-left'
  | 'delete-right'
  | 'cut-word-left'
  | 'cut-word-right'
  | 'cut-to-start'
  | 'cut-to-end'
  | 'paste-cut'
  | 'undo'
  | 'search'
  | 'clear-screen'
  | 'suspend'
  | 'escape'
  | 'paste-start'
  | 'paste-end';

const plain: Readonly<Record<string, Action>> = {
  return: 'accept',
  enter: 'accept',
  tab: 'complete',
  left: 'left',
  right: 'right',
  home: 'line-start',
  end: 'line-end',
  up: 'up',
  down: 'down',
  backspace: 'delete-left',
  delete: 'delete-right',
  escape: 'escape',
  'paste-start': 'paste-start',
  'paste-end': 'paste-end',
};

const withCtrl: Readonly<Record<string, Action>> = {
  a: 'line-start',
  b: 'left',
  c: 'interrupt',
  d: 'end-or-delete',
  e: 'line-end',
  f: 'right',
  g: 'escape',
  h: 'delete-left',
  k: 'cut-to-end',
  l: 'clear-screen',
  n: 'down',
  p: 'up',
  r: 'search',
  u: 'cut-to-start',
  w: 'cut-word-left',
  y: 'paste-cut',
  z: 'suspend',
  left: 'word-left',
  right: 'word-right',
  backspace: 'cut-word-left',
  delete: 'cut-word-right',
};

const withMeta: Readonly<Record<string, Action>> = {
  b: 'word-left',
  f: 'word-right',
  d: 'cut-word-right',
  left: 'word-left',
  right: 'word-right',
  backspace: 'cut-word-left',
  delete: 'cut-word-right',
  return: 'break-line',
  enter: 'break-line',
  // Esc alone comes as Alt with itself.
  escape: 'escape',
};

/** What a key does; `undefined` for one that types its text, or nothing. */
export function actionOf({ text, name, ctrl, meta }: Key): Action | undefined {
  // Ctrl-_ has no name of its own.
  if (text === '\u001f') return 'undo';
  const table = ctrl ? withCtrl : meta ? withMeta : plain;
  return name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** What a key types: nothing that is a control character. */
export function typedBy({ text, ctrl, meta }: Key): string {
  return text === undefined || ctrl || meta || /\p{Cc}/u.test(text) ? '' : text;
}

/** The same within pasted text, where line breaks and tabs are text. */
export function pastedBy({ text, name }: Key): string {
  if (name === 'return' || name === 'enter') return '\n';
  if (name === 'tab') return '\t';
  return text === undefined || /\p{Cc}/u.test(text) ? '' : text;
}
