/** With so many tips and no more, the short ids of all are sent: what finds out most in one answer. */
export const shortIdsMax = 512;

/** How many tips one side may name; what is beyond has to wait for the next session. */
export const differingMax = 131_072;

/** How much one message of Negentropy may have, over all of its parts. */
export const rangesBytesMax = 4 * 1024 * 1024;

/** How often ranges may go back and forth: sixteen times as many tips take one round more, and full messages a few. */
export const rangesMax = 64;

export const samplesMax = 4_096;

/** How much of a list goes into one message, so that it is dealt with in a few milliseconds, and the stream stays free. */
export const tipsPerMessage = 1_024;
export const shortIdsPerMessage = 2_048;
export const rangesBytesPerMessage = 64 * 1024;
