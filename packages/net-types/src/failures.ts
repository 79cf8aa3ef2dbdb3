import { LatticeError } from '@lattice/model';
import type { CloseReason } from './transport.js';

/** The one place that words the errors of the port, so that every implementation rejects alike. */

export function dialFailed(peer: string, why: string): LatticeError {
  return new LatticeError('dial-failed', `Node ${peer} could not be reached: ${why}.`);
}

export function dialAborted(): LatticeError {
  return new LatticeError('aborted', 'The dial was given up before it succeeded.');
}

export function transportClosed(): LatticeError {
  return new LatticeError('transport-closed', 'This node has closed its network: start it again to connect.');
}

export function connectionClosed({ by, reason }: CloseReason): LatticeError {
  const whose = { local: 'this node', remote: 'the peer', network: 'the network' }[by];
  return new LatticeError(
    'connection-closed',
    `The connection was ended by ${whose}: ${reason || 'no reason given'}.`,
  );
}

export function streamClosed(how: 'finished' | 'reset here' | 'reset by the peer'): LatticeError {
  return new LatticeError('stream-closed', `The stream was ${how}: open another one.`);
}
