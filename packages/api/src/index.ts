export { createLatticeClient, type LatticeClient } from './client.js';
export { toConnectError, toLatticeError } from './errors.js';
export { inBatches } from './batches.js';
export { messageBytesMax } from './limits.js';
export { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
export * from './gen/lattice_pb.js';
