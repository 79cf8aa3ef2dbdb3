import type { Dot as ApiDot, IfHeads } from '@lattice/api';
import { type Dot, fromHex, parseHash, toHex } from '@lattice/model';
import type { KvCondition } from '@lattice/node';

/** The condition that a request names. Throws `invalid-hex` or `invalid-id`. */
export function conditionOf(ifHeads: IfHeads | undefined): KvCondition {
  if (ifHeads === undefined) return {};
  return { ifHeads: ifHeads.heads.map(({ entry, op }) => ({ entry: parseHash(fromHex(entry)), op })) };
}

/** A head as responses name it. */
export function headNamed({ entry, op }: Dot): Pick<ApiDot, 'entry' | 'op'> {
  return { entry: toHex(entry), op };
}
