import { testDecoders } from './test-decoders.js';

testDecoders('entries', [
  'bundle',
  'bundle of a peer',
  'genesis',
  'payload',
  'operations of a key-value store',
  'operations of a mesh store',
]);
