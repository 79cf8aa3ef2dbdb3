export { FrameReader, FrameWriter, frameBytesMax } from './frames.js';
export * from './iroh/index.js';
export { LanDiscovery } from './lan/lan-discovery.js';
export * from './link/index.js';
export { sourceOf } from './source.js';
export { openIrohThread } from './thread/iroh-thread.js';
