/** How many peers a node keeps in view. */
export interface ViewSizes {
  /** Links that are kept open, and that broadcasts take. */
  readonly active: number;
  /** Candidates to take the place of an active one that fails. */
  readonly passive: number;
}

/** In a mesh of so few members everybody is linked with everybody. */
const fullMeshMax = 8;
/** What the paper's measurements are made with, at 10,000 nodes: log10(n) + 1. Fewer leave no choice of ways. */
const activeMin = 5;
/** The paper's `k`: how many times as many candidates as links. */
const passivePerActive = 6;

/** By how many members the mesh has, this node included. (HyParView, section 5.1: log(n) + c, and k times that.) */
export function viewSizes(members: number): ViewSizes {
  const others = Math.max(0, members - 1);
  if (members <= fullMeshMax) return { active: others, passive: 0 };
  const active = Math.max(activeMin, Math.ceil(Math.log10(members)) + 1);
  return { active, passive: Math.min(others, passivePerActive * active) };
}
