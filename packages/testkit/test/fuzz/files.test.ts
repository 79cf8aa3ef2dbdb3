import { testDecoders } from './test-decoders.js';

testDecoders('files', ['segment of a log', 'state of LMDB', 'guard of an LMDB file']);
