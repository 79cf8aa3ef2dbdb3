export { alterKv, type EventSource, type Subscriptions, subscriptionsOf } from './instruments.js';
export { NodeMachine } from './node-machine.js';
export { type AnyNode, NodesInMemory } from './nodes-in-memory.js';
