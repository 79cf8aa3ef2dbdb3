import { emitKeypressEvents } from 'node:readline';
import type { InputStream } from '../../surroundings.js';
import type { Key } from './keys.js';

interface KeypressKey {
  readonly name?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

/** The keys of a terminal, one by one, unechoed. */
export class Keyboard implements Disposable {
  readonly #onKeypress: (text: string | undefined, key: KeypressKey | undefined) => void;

  constructor(
    private readonly input: InputStream,
    { onKey, onEnd }: { readonly onKey: (key: Key) => void; readonly onEnd: () => void },
  ) {
    this.#onKeypress = (text, key) =>
      onKey({ text, name: key?.name, ctrl: key?.ctrl === true, meta: key?.meta === true });
    emitKeypressEvents(input);
    input.on('keypress', this.#onKeypress);
    // A terminal that goes away can end as well as fail.
    for (const event of ['end', 'close', 'error']) input.on(event, onEnd);
    this.takeOver();
    input.resume();
  }

  /** Also after another program had the terminal, which may have set it otherwise. */
  takeOver(): void {
    this.input.setRawMode?.(false);
    this.input.setRawMode?.(true);
  }

  giveBack(): void {
    this.input.setRawMode?.(false);
  }

  [Symbol.dispose](): void {
    this.input.off('keypress', this.#onKeypress);
    this.giveBack();
    this.input.pause();
  }
}
