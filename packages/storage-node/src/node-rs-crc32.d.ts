declare module '@node-rs/crc32' {
  const library: { crc32(bytes: Uint8Array, start: number): number };
  export default library;
}
