import { isAbsolute } from 'node:path';
import { LatticeError } from '@lattice/model';
import type { BackupProgress, BackupReport, Node } from '@lattice/node';
import { reporting } from './reporting.js';
import type { Methods } from './service-context.js';

export function backupMethods(node: Node): Methods<'nodeBackup'> {
  return {
    async *nodeBackup({ target }, { signal }) {
      if (!isAbsolute(target))
        throw new LatticeError('invalid-argument', 'A backup goes to an absolute path.');
      const events = reporting<BackupProgress, BackupReport>(signal, (ending, onProgress) =>
        node.backup(target, { signal: ending, onProgress }),
      );
      for await (const event of events) {
        if (event.kind === 'progress') {
          const value = { bytes: BigInt(event.progress.bytes), ofBytes: BigInt(event.progress.ofBytes) };
          yield { event: { case: 'progress' as const, value } };
        } else {
          const { stores, bytes, damaged } = event.result;
          const value = {
            stores,
            bytes: BigInt(bytes),
            damaged: damaged.map(({ store, places }) => ({ storeId: store, places: BigInt(places) })),
          };
          yield { event: { case: 'report' as const, value } };
        }
      }
    },
  };
}
