import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { manualOf } from '../lib/cli-man.mjs';
import { markdownOf } from '../lib/cli-markdown.mjs';
import { documents } from '../lib/documents.mjs';
import { root } from '../lib/repository.mjs';

test('docs/cli.md and man/lattice.1 say what the command table says', async () => {
  const stale = (await documents(new Date(0))).filter(({ isCurrent }) => !isCurrent).map(({ path }) => path);
  assert.deepEqual(stale, [], 'run `npm run docs`, and commit what it writes');
});

/** Text that means something in both languages. */
const nasty = {
  groups: [
    {
      name: 'Odd',
      commands: [
        {
          name: 'x y',
          usage: 'x y <a> [--b <c>]',
          summary: 'Takes a | b, *c* and <d>',
          details: "'Tis \\fBbold\\fR. .Sh is a macro, `code` is code.",
          args: [{ name: 'a', summary: "'quoted' at the beginning" }],
          options: [{ name: 'b', value: 'c', summary: '.Dd at the beginning' }],
          examples: [{ line: 'x y "Ar" -- \\n', says: 'says’' }],
          json: '[{a}], and so on',
        },
      ],
    },
  ],
  globalOptions: [],
  questionOptions: [],
  exitStatuses: [[0, 'done']],
  variables: [],
  files: [],
};

test('markup in texts is shown, and does not format', () => {
  const markdown = markdownOf(nasty);
  assert.match(markdown, /Takes a \| b, \\\*c\\\* and \\<d\\>\./);
  assert.match(markdown, /With `--json`: `\[\{a\}\]`, and so on\./);
  const manual = manualOf(nasty, 'January 1, 1970');
  const requests = manual.split('\n').filter((line) => /^[.']/.test(line));
  assert.deepEqual(
    requests.filter((line) => !/^\.(?:\\"|nh$|[A-Z][a-z]\b)/.test(line)),
    [],
  );
  assert.match(manual, /\\efBbold\\efR/);
  assert.match(manual, /^\\&'Tis/m);
  assert.match(manual, /^\\&'quoted'/m);
  assert.match(manual, /^\\&\.Dd at the beginning\.$/m);
  assert.ok(!/[^\n -~]/.test(manual));
});

test('the manual page is set without a warning, and says everything', (t) => {
  const options = ['-mdoc', '-Tutf8', '-ww', '-rLL=100n', '-P-cbou'];
  const groff = spawnSync('groff', options, {
    input: readFileSync(join(root, 'man/lattice.1')),
    encoding: 'utf8',
  });
  if (groff.error !== undefined) return t.skip('groff is not installed');
  assert.equal(groff.stderr, '');
  const words = groff.stdout.replaceAll(/\s+/g, ' ');
  for (const said of ['mesh invite', '--data-dir path', 'LATTICE_RELAY', 'put greeting "hello, world"'])
    assert.ok(words.includes(said), said);
});
