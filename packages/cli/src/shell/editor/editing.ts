import type { Action } from './keys.js';
import { inserted, type LineState, places, without } from './line-state.js';

const undoMax = 200;

/** What keys do to the line alone. */
export class Editing {
  line: LineState;
  #cut = '';
  readonly #undo: LineState[] = [];

  constructor(line: LineState) {
    this.line = line;
  }

  /** `false` for what concerns more than the line. */
  do(action: Action): boolean {
    const to = targets[action];
    if (to === undefined) return this.#doOther(action);
    const place = places[to.place](this.line);
    if (to.does === 'go') this.line = { ...this.line, cursor: place };
    else this.#remove(place, to.does === 'cut');
    return true;
  }

  insert(text: string): void {
    // One step back takes back a word, and not a letter.
    if (/\s/.test(text) || this.#undo.length === 0 || text.length > 1) this.#remember();
    this.line = inserted(this.line, text);
  }

  replace(line: LineState): void {
    this.#remember();
    this.line = line;
  }

  #doOther(action: Action): boolean {
    if (action === 'paste-cut' && this.#cut !== '') this.insert(this.#cut);
    else if (action === 'undo') this.line = this.#undo.pop() ?? this.line;
    else if (action === 'break-line') this.insert('\n');
    else return false;
    return true;
  }

  #remove(place: number, isCut: boolean): void {
    if (place === this.line.cursor) return;
    this.#remember();
    const { text, cursor } = this.line;
    if (isCut) this.#cut = text.slice(Math.min(place, cursor), Math.max(place, cursor));
    this.line = without(this.line, place);
  }

  #remember(): void {
    this.#undo.push(this.line);
    if (this.#undo.length > undoMax) this.#undo.shift();
  }
}

type Target = { readonly place: keyof typeof places; readonly does: 'go' | 'delete' | 'cut' };

const targets: Readonly<Partial<Record<Action, Target>>> = {
  left: { place: 'left', does: 'go' },
  right: { place: 'right', does: 'go' },
  'word-left': { place: 'wordLeft', does: 'go' },
  'word-right': { place: 'wordRight', does: 'go' },
  'line-start': { place: 'lineStart', does: 'go' },
  'line-end': { place: 'lineEnd', does: 'go' },
  'delete-left': { place: 'left', does: 'delete' },
  'delete-right': { place: 'right', does: 'delete' },
  'cut-word-left': { place: 'wordLeft', does: 'cut' },
  'cut-word-right': { place: 'wordRight', does: 'cut' },
  'cut-to-start': { place: 'lineStart', does: 'cut' },
  'cut-to-end': { place: 'lineEnd', does: 'cut' },
};
