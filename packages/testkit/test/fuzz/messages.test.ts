import { testDecoders } from './test-decoders.js';

testDecoders('messages', ['StreamOpen message', 'ControlMessage message', 'SyncMessage message', 'frames']);
