export type { LinkHost, LinkMesh, LinkStore, LinkSyncReport } from './link-host.js';
export { PeerLink } from './peer-link.js';
