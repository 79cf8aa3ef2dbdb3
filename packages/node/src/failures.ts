import { LatticeError } from '@lattice/model';

export function nodeClosed(): LatticeError {
  return new LatticeError('node-closed', 'The node has been closed: open it again.');
}

export function storeDeleted(name: string): LatticeError {
  const message = `The store "${name}" has been deleted: see "store list" for those that there are.`;
  return new LatticeError('store-closed', message);
}

export function storeClosed(): LatticeError {
  return new LatticeError('store-closed', 'The store has been closed: open it again.');
}
