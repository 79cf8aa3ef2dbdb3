import { LatticeError } from '@lattice/model';
import { MalformedError } from '@lattice/proto';

/** What a frame reader finds wrong with what the peer sent; the rest of its errors are the network's doing. */
const brokenFrames = ['frame-too-large', 'stream-truncated'];

/** What the peer did against the protocol, if that is what went wrong. */
export function faultOfPeer(error: unknown): string | undefined {
  if (error instanceof MalformedError) return error.message;
  return error instanceof LatticeError && brokenFrames.includes(error.code) ? error.message : undefined;
}
