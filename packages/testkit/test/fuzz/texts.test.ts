import { testDecoders } from './test-decoders.js';

testDecoders('texts', [
  'token',
  'token with a checksum that fits',
  'line of the shell',
  'line of NDJSON',
  'NDJSON',
  'cursor',
  'cursor with a checksum that fits',
]);
