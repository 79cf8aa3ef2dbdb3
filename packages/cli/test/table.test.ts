import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import {
  commands,
  findCommand,
  globalOptions,
  inputOf,
  questionOptions,
  readWords,
  splitLine,
  version,
} from '@lattice/cli/testing';

const known = [...globalOptions, ...questionOptions, ...commands.flatMap(({ options }) => options)];

test('every command has a name of its own, and no name hides another', () => {
  const names = commands.map(({ path }) => path.join(' '));
  assert.equal(new Set(names).size, names.length);
  for (const one of commands.filter(({ path }) => path.length === 1))
    assert.ok(!commands.some(({ path }) => path.length > 1 && path[0] === one.path[0]), one.path.join(' '));
});

test('every command is explained in the same form', () => {
  for (const { path, summary, details, args, options, examples, json } of commands) {
    const name = path.join(' ');
    // Beside the command, on one line of a terminal of 80 columns.
    assert.ok(summary.length <= 48, `${name}: ${summary}`);
    for (const text of [summary, ...[...args, ...options].map((one) => one.summary)]) {
      assert.match(text, /^[A-Z0-9]/, name);
      assert.doesNotMatch(text, /\.$|\n/, name);
      assert.ok(text.length <= 75, `${name}: ${text}`);
    }
    if (details !== undefined) assert.match(details, /^[A-Z].*\.$/, name);
    assert.ok(json.length > 0, name);
    assert.ok(examples.length > 0, name);
  }
});

test('every example is a line that its command accepts', () => {
  for (const one of commands) {
    for (const { line } of one.examples) {
      const words = readWords(splitLine(line), known);
      assert.equal(findCommand(words.words, commands), one, line);
      inputOf(one, words, (option) => globalOptions.some(({ name }) => name === option));
    }
  }
});

test('an option takes a value everywhere or nowhere, so that it can be read before its command is known', () => {
  for (const option of known) {
    const same = known.filter(({ name }) => name === option.name);
    assert.equal(new Set(same.map((one) => 'value' in one && one.value !== undefined)).size, 1, option.name);
  }
  const shorts = known.flatMap((option) => ('short' in option ? [`${option.short} ${option.name}`] : []));
  assert.equal(new Set(shorts.map((short) => short[0])).size, new Set(shorts).size);
});

test('arguments that may be left out come last', () => {
  for (const { path, args } of commands) {
    const firstOptional = args.findIndex(({ optional }) => optional === true);
    const after = firstOptional === -1 ? [] : args.slice(firstOptional);
    assert.ok(
      after.every(({ optional }) => optional === true),
      path.join(' '),
    );
  }
});

test('the version is that of the package', () => {
  const manifest = createRequire(import.meta.url).resolve('@lattice/cli');
  const { version: packaged } = JSON.parse(
    readFileSync(new URL('../package.json', `file://${manifest}`), 'utf8'),
  ) as { version: string };
  assert.equal(version, packaged);
});
