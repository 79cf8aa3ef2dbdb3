// Every benchmark, in the order in which they run, by the name that chooses it. Loaded only then, as the packages that they
// use may not be built before. Each has `measure(sizes)`, which yields rows.
export const benchmarks = {
  'durable-put': () => import('./rows/durable-put.mjs'),
  'concurrent-puts': () => import('./rows/concurrent-puts.mjs'),
  reads: () => import('./rows/reads.mjs'),
  rebuild: () => import('./rows/rebuild.mjs'),
  sync: () => import('./rows/sync.mjs'),
  iroh: () => import('./rows/iroh.mjs'),
  reconcile: () => import('./rows/reconcile.mjs'),
  idle: () => import('./rows/idle.mjs'),
  gossip: () => import('./rows/gossip.mjs'),
  sees: () => import('./rows/sees.mjs'),
  open: () => import('./rows/open.mjs'),
  history: () => import('./rows/history.mjs'),
  'large-values': () => import('./rows/large-values.mjs'),
  'event-loop': () => import('./rows/event-loop.mjs'),
  memory: () => import('./rows/memory.mjs'),
  'daemon-puts': () => import('./rows/daemon-puts.mjs'),
  start: () => import('./rows/start.mjs'),
};
