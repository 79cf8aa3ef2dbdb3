import { brokenBundleVectors } from './broken-bundles.js';
import { bundleVectors } from './bundles.js';
import { entryVectors } from './entries.js';
import { digestVectors, genesisVectors, hashVectors } from './identity.js';
import { messageVectors } from './messages.js';
import { inviteVectors, kvPayloadVectors, logPayloadVectors, meshPayloadVectors } from './payloads.js';
import { replacedVectors } from './replaced.js';
import { segmentVectors } from './segments.js';
import { timeVectors } from './times.js';
import { tokenVectors } from './tokens.js';

/** All vectors, by the name of their file, made by the code as it is now. */
export async function makeVectors() {
  return {
    hashes: hashVectors(),
    genesis: genesisVectors(),
    digests: digestVectors(),
    entries: entryVectors(),
    times: timeVectors(),
    replaced: replacedVectors(),
    bundles: bundleVectors(),
    'bundles-refused': brokenBundleVectors(),
    'payloads-kv': kvPayloadVectors(),
    'payloads-log': logPayloadVectors(),
    'payloads-mesh': meshPayloadVectors(),
    invites: inviteVectors(),
    tokens: tokenVectors(),
    segments: await segmentVectors(),
    messages: messageVectors(),
  };
}
