import type { AcceptedLossSchema, MessageInitShape, StoreWorkSchema, Target } from '@lattice/api';
import type { AcceptedLoss, Node, Store, StoreRebuildReport, StoreWorkProgress } from '@lattice/node';
import { reporting } from './reporting.js';
import type { Methods } from './service-context.js';
import { meshOf, storeOf } from './targets.js';

export function storeCheckMethods(node: Node): Methods<'storeCheck' | 'storeRebuild'> {
  return {
    async *storeCheck({ target, ofMesh }, { signal }) {
      const store = caredFor(node, target, ofMesh);
      const events = reporting<StoreWorkProgress, Awaited<ReturnType<typeof store.check>>>(
        signal,
        (ending, onProgress) => store.check({ signal: ending, onProgress }),
      );
      for await (const event of events) {
        if (event.kind === 'progress') yield progressMessage(event.progress);
        else {
          const { entries, bundles, signatures, problems, problemCount, compared } = event.result;
          const counts = {
            entries: BigInt(entries),
            bundles: BigInt(bundles),
            signatures: BigInt(signatures),
            problemCount: BigInt(problemCount),
          };
          const acceptedLosses = event.result.acceptedLosses.map(acceptedLossMessage);
          const value = { ...counts, problems: [...problems], compared, acceptedLosses };
          yield { event: { case: 'report' as const, value } };
        }
      }
    },

    async *storeRebuild({ target, force, acceptLoss, ofMesh }, { signal }) {
      const store = caredFor(node, target, ofMesh);
      const events = reporting<StoreWorkProgress, StoreRebuildReport>(signal, (ending, onProgress) =>
        store.rebuild({ signal: ending, onProgress, force, acceptLoss }),
      );
      for await (const event of events) {
        if (event.kind === 'progress') yield progressMessage(event.progress);
        else {
          const { entries, givenUp, reissued } = event.result;
          const value = {
            entries: BigInt(entries),
            givenUp: BigInt(givenUp),
            reissued: BigInt(reissued),
          };
          yield { event: { case: 'report' as const, value } };
        }
      }
    },
  };
}

/** A store, or a mesh for its own. */
function caredFor(node: Node, target: Target | undefined, ofMesh: boolean): Pick<Store, 'check' | 'rebuild'> {
  return ofMesh ? meshOf(node, target?.mesh ?? '') : storeOf(node, target);
}

export function acceptedLossMessage({
  atMs,
  places,
  lost,
  givenUp,
}: AcceptedLoss): MessageInitShape<typeof AcceptedLossSchema> {
  return { atMs: BigInt(atMs), places: BigInt(places), lost: BigInt(lost), givenUp: BigInt(givenUp) };
}

function progressMessage({ entries, ofEntries, keys }: StoreWorkProgress) {
  const value: MessageInitShape<typeof StoreWorkSchema> = {
    entries: BigInt(entries),
    ofEntries: BigInt(ofEntries),
    keys: BigInt(keys),
  };
  return { event: { case: 'progress' as const, value } };
}
