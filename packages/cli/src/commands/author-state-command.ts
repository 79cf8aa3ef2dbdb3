import type { ChainTip, StoreAuthorsResponse } from '@lattice/api';
import { type Hlc, hlcToMs } from '@lattice/model';
import { AuthorLabels } from '../history/author-labels.js';
import { seenText } from '../history/seen-text.js';
import { columns, localTimeText, shortId, timeText } from '../output/columns.js';
import type { Json } from '../output/json-text.js';
import type { Paint } from '../output/paint.js';
import { command } from './command.js';

export const authorStateCommand = command({
  path: 'store author-state',
  group: 'Stores',
  summary: 'Show how far the history of each author goes',
  details:
    'An author is a node that wrote to the store. What it has seen is told by its last entry: it may have seen more since. ' +
    'A fork is an author with several histories: a copied or restored data directory, or a stolen key.',
  options: [{ name: 'all', short: 'a', summary: 'Also how much of each other author each has seen' }],
  examples: [
    { line: 'store author-state', says: 'last entry and time of each author' },
    { line: 'store author-state -a', says: 'a row for who has seen, a column for whom' },
  ],
  json: '[{author, seq, tip, time, forks: [{seq, tip, time}]}], with --all also {seen: [{author, seq, of}]}',
  run: async ({ options }, { node, output, signal, target }) => {
    const client = await node();
    const withSeen = options.all === true;
    const answers = client.storeAuthors({ target, withSeen }, { signal });
    if (output.json) {
      await output.items(answers, { json: (author) => authorJson(author, withSeen), text: () => '' });
      return;
    }
    const authors: StoreAuthorsResponse[] = [];
    for await (const author of answers) authors.push(author);
    const labels = await AuthorLabels.of(client, target.mesh, signal);
    const text = [
      authorsText(authors, labels, output.paint),
      ...(withSeen && authors.length > 1
        ? [
            '',
            seenText(
              authors.map((one) => ({ ...one, label: labels.label(one.author) })),
              output.stdout.columns,
            ),
          ]
        : []),
    ].join('\n');
    await output.result({ json: null, text: authors.length === 0 ? 'Nobody has written yet.' : text });
  },
});

function authorsText(authors: readonly StoreAuthorsResponse[], labels: AuthorLabels, paint: Paint): string {
  const rows = authors.flatMap(({ author, chains: [latest, ...forks] }) =>
    latest === undefined
      ? []
      : [
          [paint.author(labels.colour(author), labels.label(author)), shortId(author), ...tipText(latest)],
          ...forks.map((tip) => ['', '', ...tipText(tip), paint.as('warning', 'fork')]),
        ],
  );
  const headings = ['author', 'id', 'entries', 'last', 'time'].map((word) => paint.as('heading', word));
  return columns([headings, ...rows]);
}

function tipText({ seq, entry, time }: ChainTip): readonly string[] {
  return [seq.toLocaleString('en'), shortId(entry), localTimeText(hlcToMs(time as Hlc))];
}

function authorJson({ author, chains, seen }: StoreAuthorsResponse, withSeen: boolean): Json {
  const [latest, ...forks] = chains.map(({ seq, entry, time }) => ({
    seq: Number(seq),
    tip: entry,
    time: timeText(hlcToMs(time as Hlc)),
  }));
  return {
    author,
    ...latest,
    forks,
    ...(withSeen
      ? {
          seen: seen.map(({ author: other, seq, of }) => ({
            author: other,
            seq: Number(seq),
            of: Number(of),
          })),
        }
      : {}),
  };
}
