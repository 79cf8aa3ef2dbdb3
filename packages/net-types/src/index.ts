export * from './breaker.js';
export * from './close-reason.js';
export * from './discovery.js';
export * from './failures.js';
export * from './inbox.js';
export * from './limits.js';
export * from './transport.js';
export * from './until-aborted.js';
