export { FrameReader, FrameWriter, frameBytesMax } from './frames.js';
export * from './iroh/index.js';
export * from './link/index.js';
