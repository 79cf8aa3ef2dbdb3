export type { BindAddress } from './bind-address.js';
export { parseBind } from './bind-address.js';
export type { IrohOptions } from './iroh-transport.js';
export { IrohTransport } from './iroh-transport.js';
export { parseRelayChoice } from './relay-choice.js';
export type { Ports } from './socket-plan.js';
