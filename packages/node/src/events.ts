import type { Logger } from '@lattice/model';
import type { NodeEvent } from './public.js';

/** Tells whoever listens what happens. A listener that throws harms nobody else. */
export class Events {
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  emit(event: NodeEvent): void {
    if (event.kind === 'warning') this.#logger.log(event.level, event.message);
    this.tell(event);
  }

  /** What the log has already. */
  tell(event: NodeEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#logger.log('error', 'an event listener failed', { event: event.kind, error: String(error) });
      }
    }
  }

  subscribe(listener: (event: NodeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
