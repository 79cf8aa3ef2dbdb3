import { systemTimers } from '../system-ports.js';

/** How long one call may keep the event loop before all others have their turn. */
const turnMs = 8;

/** What a call does in a long loop: `await share.rest()` costs nothing until its turn is over. */
export class EventLoopShare {
  #until = systemTimers.monotonicMs() + turnMs;

  async rest(): Promise<void> {
    if (systemTimers.monotonicMs() < this.#until) return;
    await systemTimers.yield();
    this.#until = systemTimers.monotonicMs() + turnMs;
  }
}
