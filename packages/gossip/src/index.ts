export { broadcastId } from './broadcast-id.js';
export type { Announcement, BroadcastId, GossipMessage } from './messages.js';
export { Overlay, type OverlayEffect, type OverlayInput, type OverlayOptions } from './overlay.js';
export { Payloads } from './payloads.js';
export { viewSizes } from './view-sizes.js';
export { fromWire, toWire } from './wire-form.js';
