// How much of everything.

const usual = {
  /** Those that count; one more warms up. Many short ones: so both of what is compared get their share of what else goes on. */
  rounds: 31,
  /** Of rows that take seconds a round. */
  longRounds: 3,
  /** Keys that a store has before it is measured. */
  keys: 100_000,
  /** Of stores with a long history. */
  entries: 100_000,
  chains: 1_000,
  /** In a round. */
  durablePuts: 30,
  /** Before they count: an application that runs has done them. */
  warmUpPuts: 6_000,
  concurrentPuts: 4_000,
  gets: 20_000,
  sees: 50_000,
  daemonPuts: 10_000,
  largeValues: 1_000,
  memoryPuts: 200_000,
  histories: 200,
  tips: 100_000,
  /** Of rows between two processes, each of which gets everything anew. */
  networkRounds: 2,
  /** Of values of 4,000 bytes each, that go over the network while the event loop is watched. */
  bulkBytes: 100_000_000,
  idleNodes: [2, 10],
  gossipNodes: [10, 100, 1_000],
  idleHours: 1,
  idleMs: 1_000,
  startCommands: Infinity,
  startRounds: Number(process.env.LATTICE_BENCH_ROUNDS ?? 25),
};

/** As large as stores are to be. Takes long. */
const large = {
  ...usual,
  longRounds: 2,
  keys: 1_000_000,
  entries: 1_000_000,
  chains: 10_000,
  memoryPuts: 5_000_000,
};

/** Shows that every benchmark runs; what it measures means nothing. */
const quick = {
  rounds: 1,
  longRounds: 1,
  keys: 300,
  entries: 300,
  chains: 20,
  durablePuts: 5,
  warmUpPuts: 5,
  concurrentPuts: 300,
  gets: 500,
  sees: 500,
  daemonPuts: 300,
  largeValues: 4,
  memoryPuts: 1_000,
  histories: 5,
  tips: 1_000,
  networkRounds: 1,
  bulkBytes: 200_000,
  idleNodes: [2],
  gossipNodes: [10],
  idleHours: 0.05,
  idleMs: 50,
  startCommands: 1,
  startRounds: 1,
};

export const sizesOf = { usual, large, quick };
