// The two that `blake3` chooses from.
export { loadNativeBlake3 } from './native-blake3.js';
export { wasmBlake3 } from './wasm-blake3.js';
