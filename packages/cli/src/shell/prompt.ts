import type { LatticeClient, SubscribeResponse } from '@lattice/api';
import { LatticeError, type Timers } from '@lattice/model';
import type { GlobalOptions } from '../line/global-options.js';
import { shortId } from '../output/columns.js';
import { quoted } from '../output/printable.js';
import type { Session } from '../session.js';
import type { Prompts } from './editor/layout.js';
import { charactersOf } from './editor/line-state.js';

/** The prompt waits no longer for a node that does not answer, but shows what it knew last. */
const patienceMs = 500;

/** A question that was not answered after so long is asked anew. */
const askAgainMs = 10_000;

/** No name of a store takes more room. */
const nameCharsMax = 24;

export interface PromptOptions {
  readonly session: Pick<Session, 'node' | 'noteFailure'>;
  /** What the shell was started with: what commands mean that say nothing else. */
  readonly start: Pick<GlobalOptions, 'mesh' | 'store'>;
  readonly timers: Timers;
  /** Told when the answer came after the prompt was shown. */
  readonly onLate: (prompts: Prompts) => void;
}

/**
 * "lattice:060e0f0d> ", with the mesh that commands mean, and the store where that is not main. The node is asked only
 * after what can have changed the answer.
 */
export class Prompt {
  #prompts = promptsOf('no-node');
  #isStale = true;
  #question: Promise<void> | undefined;

  constructor(private readonly options: PromptOptions) {}

  /** A command ran that can have changed what is shown. */
  noteChange(): void {
    this.#isStale = true;
  }

  noteEvent({ event }: SubscribeResponse): void {
    if (event.case === 'store' || event.case === 'missed') this.noteChange();
  }

  /** Takes no more than a moment, whatever the node does. */
  async current(): Promise<Prompts> {
    if (!this.#isStale || this.#question !== undefined) return this.#prompts;
    this.#isStale = false;
    let isLate = false;
    this.#question = this.#ask().then((text) => {
      this.#question = undefined;
      this.#prompts = promptsOf(text);
      if (isLate) this.options.onLate(this.#prompts);
    });
    await this.#atMost(patienceMs, this.#question);
    isLate = true;
    return this.#prompts;
  }

  async #ask(): Promise<string> {
    const { session, start, timers } = this.options;
    const stop = new AbortController();
    const cancel = timers.after(askAgainMs, () => stop.abort());
    try {
      return await whereText(await session.node(), start, stop.signal);
    } catch (error) {
      await session.noteFailure(error);
      const code = error instanceof LatticeError ? error.code : '';
      if (code === 'aborted' || code === 'daemon-gone') this.#isStale = true;
      return code === 'aborted' || code === 'daemon-gone' ? 'no-node' : 'no-mesh';
    } finally {
      cancel();
    }
  }

  #atMost(delayMs: number, question: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.options.timers.after(delayMs, resolve);
      void question.then(() => {
        cancel();
        resolve();
      });
    });
  }
}

async function whereText(
  client: LatticeClient,
  { mesh, store }: PromptOptions['start'],
  signal: AbortSignal,
): Promise<string> {
  const { meshId } = await client.meshStatus({ mesh }, { signal });
  const name = store === '' ? await storeName(client, mesh, signal) : store;
  return shortId(meshId) + (name === 'main' || name === '' ? '' : `/${shownName(name)}`);
}

/** Of the store that is meant where none is named, as the node decides it; empty: there is none. */
async function storeName(client: LatticeClient, mesh: string, signal: AbortSignal): Promise<string> {
  const { stores } = await client.storeList({ mesh }, { signal });
  const meant =
    stores.find(({ current }) => current) ??
    stores.find(({ name }) => name === 'main') ??
    (stores.length === 1 ? stores[0] : undefined);
  if (meant === undefined) return '';
  return meant.name === '' ? shortId(meant.storeId) : meant.name;
}

function shownName(name: string): string {
  const characters = Array.from(charactersOf(name));
  const isLong = characters.length > nameCharsMax;
  return quoted(isLong ? `${characters.slice(0, nameCharsMax - 3).join('')}...` : name);
}

function promptsOf(where: string): Prompts {
  const first = `lattice:${where}> `;
  // Below the first, so that what is typed lines up.
  return { first, next: `${'.'.repeat(Math.min(3, first.length))}> `.padStart(first.length) };
}
