import type { MeshView } from '@lattice/meshstore';
import { durationText, hlcToMs, hlcZero, idKey, LatticeError } from '@lattice/model';
import type { NodeContext } from './context.js';

type Clocks = Pick<NodeContext, 'key' | 'hlc'>;

/**
 * Whether the machine's clock is set to a time before this node was let in, by more than the node makes up for: what it wrote
 * would be dated before its own admission, and count nowhere. The mesh's creator was let in before all time.
 */
export function isBeforeAdmission(view: MeshView, { key, hlc }: Clocks): boolean {
  const self = view.members.get(idKey(key.nodeId));
  return self !== undefined && self.admittedAt > hlc.horizon();
}

/**
 * Throws `clock-behind` where that is so. Where it is not, what is written next is dated behind the admission, also where that
 * lay beyond the horizon of a clock that was set right since.
 */
export function requireBehindAdmission(view: MeshView, context: Clocks): void {
  const { key, hlc } = context;
  const admittedAt = view.members.get(idKey(key.nodeId))?.admittedAt ?? hlcZero;
  if (!isBeforeAdmission(view, context)) return hlc.observe(admittedAt);
  const admittedMs = hlcToMs(admittedAt);
  throw new LatticeError(
    'clock-behind',
    `By the clock of this machine it takes ${durationText(admittedMs - hlcToMs(hlc.wall()))} until this node is let into that mesh: what it writes now would count nowhere. Set the clock, then repeat this. If it is right, that of whoever let this node in was ahead, and this has to wait.`,
  );
}
