/** How a process may end in the middle of a transfer, and its exit status then. */
export const endings = [
  ['process.exit', 0],
  ['an error that nobody catches', 1],
  ['all is closed', 0],
  ['all is closed, and process.exit', 0],
  ['process.exit on a busy machine', 0],
  ['process.exit while a dial leads nowhere', 0],
  ['all is closed while a dial leads nowhere, and process.exit', 0],
] as const;

export type Ending = (typeof endings)[number][0];
