/** What the program ends with. */
export const exitStatuses = {
  done: 0,
  refused: 1,
  wrongUsage: 2,
  /** What shells use for a program that Ctrl-C ended. */
  cancelled: 130,
} as const;

/** In words, for help and manuals. */
export const exitStatusMeanings: readonly (readonly [status: number, meaning: string])[] = [
  [exitStatuses.done, 'done'],
  [exitStatuses.refused, 'refused, or nothing was found'],
  [exitStatuses.wrongUsage, 'the command line was typed wrongly: nothing was done'],
  [exitStatuses.cancelled, 'cancelled by Ctrl-C'],
];
