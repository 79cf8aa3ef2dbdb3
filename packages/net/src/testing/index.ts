export { HandshakePlaces } from '../iroh/handshake-places.js';
// Networks of their own for tests that run real processes.
export { canMakeNamespaces, Namespace } from './namespace.js';
export { Router } from './router.js';
