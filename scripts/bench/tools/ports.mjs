// The machine's own clock, chance and timers, as ports.
export const wallClock = { nowMs: () => Date.now() };

/** The product's own: how it rests between slices is part of what is measured. */
export { systemTimers as timers } from '../../../packages/node/dist/system-ports.js';

export const random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
