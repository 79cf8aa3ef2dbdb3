/** Bounds that a store's format version fixes for ever: all nodes must agree on them. Sizes are of canonical bytes. */
export const formatVersion = 1;

export const keyBytesMin = 1;
export const keyBytesMax = 1_024;
export const valueBytesMax = 256 * 1024;
export const payloadBytesMax = 1024 * 1024;
export const depsMax = 64;
export const bundleEntriesMax = 1_024;
export const bundleBytesMax = 1024 * 1024;

/** A store type's name: lower-case ASCII letters, digits and hyphens, so that it is safe in any file or terminal. */
export const storeTypeCharsMax = 32;

/** How far ahead of the local clock an arriving entry's time may lie before it is held. A local rule, not a format. */
export const maxDriftMs = 5 * 60 * 1000;
