import { verify } from '@lattice/crypto';
import { toHex } from '@lattice/model';
import { recordsOf } from '../disk/read-logs.js';
import type { SimMachine } from '../world/machine.js';

/** That every chain in every record of a log is signed by whom it names: nothing was let in that its author did not write. */
export async function authenticFindings(members: readonly SimMachine[]): Promise<string[]> {
  const findings: string[] = [];
  const good = new Set<string>();
  for (const { name, disk } of members) {
    for (const uuid of disk.files.keys()) {
      for (const { bundle } of await recordsOf(disk, uuid)) {
        for (const [number, { author, signature }] of bundle.chains.entries()) {
          const hash = bundle.hashes[bundle.chainOf.lastIndexOf(number)];
          const key = `${hash && toHex(hash)} ${toHex(author)} ${toHex(signature)}`;
          if (good.has(key)) continue;
          if (hash && verify(author, 'chain', hash, signature)) good.add(key);
          else
            findings.push(`${name}: a log has a chain of ${toHex(author).slice(0, 6)} that it did not sign`);
        }
      }
    }
  }
  return findings;
}
