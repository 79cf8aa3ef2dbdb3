import { LatticeError } from '@lattice/model';

export function nodeClosed(): LatticeError {
  return new LatticeError('node-closed', 'The node has been closed: open it again.');
}

export function storeClosed(): LatticeError {
  return new LatticeError('store-closed', 'The store has been closed: open it again.');
}
