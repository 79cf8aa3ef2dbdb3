import type { SyncProgress, SyncReport } from '@lattice/api';
import { counted, sizeText } from '@lattice/model';
import { shortId } from '../output/columns.js';
import type { Json } from '../output/json-text.js';
import { quoted } from '../output/printable.js';
import { perSecond, waiting } from '../output/waiting.js';
import { command } from './command.js';

export const storeSyncCommand = command({
  path: 'store sync',
  group: 'Stores',
  summary: 'Exchange what is missing with members, now',
  details:
    'Members that are connected do this by themselves. Meanwhile a terminal shows how many entries went to and came from ' +
    'each, of how many where that is known. It fails when members were tried and none finished.',
  examples: [{ line: 'store sync', says: 'says what went each way' }],
  json: '[{peer, sentEntries, receivedEntries, sentBytes, receivedBytes, roundTrips, ms, failure?}]',
  needsNetwork: true,
  run: async (_input, context) => {
    const { node, output, signal, target } = context;
    const client = await node();
    const reports: SyncReport[] = [];
    const peers = new Map<string, SyncProgress>();
    const work = async () => {
      for await (const { event } of client.storeSync({ target }, { signal })) {
        if (event.case === 'finished') reports.push(event.value);
        else if (event.case === 'progress') peers.set(event.value.peer, event.value);
      }
    };
    await waiting('syncing', context, work, (elapsedMs) =>
      [...peers.values()].map((peer) => progressText(peer, elapsedMs)).join('; '),
    );
    await output.result({
      json: reports.map(reportJson),
      text: reports.length > 0 ? reports.map(reportText).join('\n') : 'No other member can be reached now.',
    });
    const allFailed = reports.length > 0 && reports.every(({ failure }) => failure !== undefined);
    return allFailed ? 1 : 0;
  },
});

/** "1a2b3c4d: sent 3 of 10, received 2,000 entries (667/s)": what went so far, of how many where that is known. */
function progressText(
  { peer, sentEntries, receivedEntries, toSend, toReceive }: SyncProgress,
  elapsedMs: number,
): string {
  const went = [...soFar('sent', sentEntries, toSend), ...soFar('received', receivedEntries, toReceive)];
  const rate = perSecond(Number(sentEntries + receivedEntries), elapsedMs);
  return `${shortId(peer)}: ${went.join(', ')} entries (${rate})`;
}

/** Nothing where nothing goes that way. */
function soFar(verb: string, done: bigint, all: bigint | undefined): readonly string[] {
  if (done === 0n && !all) return [];
  const count = done.toLocaleString('en');
  return [
    all === undefined || all < done ? `${verb} ${count}` : `${verb} ${count} of ${all.toLocaleString('en')}`,
  ];
}

function reportJson(report: SyncReport): Json {
  return {
    peer: report.peer,
    sentEntries: Number(report.sentEntries),
    receivedEntries: Number(report.receivedEntries),
    sentBytes: Number(report.sentBytes),
    receivedBytes: Number(report.receivedBytes),
    roundTrips: report.roundTrips,
    ms: report.ms,
    failure: report.failure,
  };
}

function reportText(report: SyncReport): string {
  const went = (entries: bigint, bytes: bigint) =>
    `${counted(entries, 'entry', 'entries')} (${sizeText(bytes)})`;
  const done = [
    `sent ${went(report.sentEntries, report.sentBytes)}`,
    `received ${went(report.receivedEntries, report.receivedBytes)}`,
    `${counted(report.roundTrips, 'round trip')} in ${Math.round(report.ms)} ms`,
  ].join(', ');
  return `${shortId(report.peer)}: ${done}${report.failure === undefined ? '' : `, then failed: ${quoted(report.failure)}`}`;
}
