import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Rig } from './rig.js';

test('words are completed from the command table, without a node', async (context) => {
  const rig = new Rig(context);
  assert.match((await rig.run(['complete-words', 'mesh', 'in'])).stdout, /^invite\tMake a token .*\n$/);
  assert.match((await rig.run(['complete-words', 'list', '--rev'])).stdout, /^--reverse\t/);
  assert.match((await rig.run(['complete-words', 'help', 'mesh', 'jo'])).stdout, /^join\t/);
  assert.deepEqual(rig.opened, []);
});

test('whatever goes wrong with a word is silent, and makes nothing', async (context) => {
  const rig = new Rig(context);
  const silence = { status: 0, stdout: '', stderr: '' };
  for (const words of [
    ['get', ''],
    ['--nope', 'get', ''],
    ['--log-level', 'loud', 'get', ''],
    ['zzz', ''],
  ])
    assert.deepEqual(await rig.run(['complete-words', ...words]), silence, words.join(' '));
  assert.deepEqual(await rig.run(['complete-words', 'get', ''], { env: { LATTICE_JSON: 'maybe' } }), silence);
  assert.ok(!existsSync(join(rig.folder, 's')), 'no socket was opened');
});

test('of more keys than are offered, no word says more than all have in common', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  const lines = [...Array(150).keys()].map((i) => `{"key":"k${i < 120 ? 'a' : 'b'}${i}","value":""}\n`);
  await rig.run(['import', '-'], { stdin: lines.join('') });
  await rig.withNode(async (node) => {
    await node();
    const { stdout } = await rig.run(['complete-words', 'get', '']);
    const words = stdout.trimEnd().split('\n');
    assert.equal(words.length, 101);
    assert.ok(words.slice(0, 100).every((word) => word.startsWith('ka')));
    assert.equal(words.at(-1), 'k...\tand more');
  });
});

test('nobody is told of the command that scripts call', async (context) => {
  const rig = new Rig(context);
  for (const argv of [['help'], ['complete-wor'], ['complete-words', 'comp']])
    assert.doesNotMatch(JSON.stringify(await rig.run(argv)), /complete-words/);
});

test('there is a script for each shell, and a shell without one is wrong usage', async (context) => {
  const rig = new Rig(context);
  for (const shell of ['bash', 'zsh', 'fish'])
    assert.match((await rig.run(['completion', shell])).stdout, /complete-words/);
  const ran = await rig.run(['completion', 'tcsh']);
  assert.equal(ran.status, 2);
  assert.match(ran.stderr, /no script for "tcsh": choose one of bash, zsh, fish/);
});

test('bash hands over the words as they are meant, and takes back what it can insert', async (context) => {
  const lattice = await standIn(context, 'bash');
  if (lattice === undefined) return context.skip('bash is not installed');
  const cases: readonly (readonly [words: string, passed: string, offered: string])[] = [
    ['mesh in', 'mesh|in', 'in1 in\\ 2'],
    ["get ''", 'get|', '1 \\ 2'],
    ['get my\\ k', 'get|my k', 'my\\ k1 my\\ k\\ 2'],
    ["get '\"my k'", 'get|my k', 'my k1 my k 2'],
    ['--store = no', '--store=no', 'no1 no\\ 2'],
    ['--store =', '--store=', '1 \\ 2'],
    ['get a : b', 'get|a:b', 'b1 b\\ 2'],
  ];
  for (const [words, passed, offered] of cases) {
    // What stands between words in the line is what makes them one: a space, or nothing around = and :.
    const line = `lattice ${words.replaceAll(/ ([=:]) ?/g, '$1').replaceAll(/'(.*)'/g, '$1')}`;
    const script: string = [
      `source ${lattice.script}`,
      `COMP_WORDS=(${lattice.program} ${words.replaceAll('my\\ k', "'my\\ k'")})`,
      `COMP_LINE=${JSON.stringify(line.replace('lattice', lattice.program))}`,
      'COMP_POINT=${#COMP_LINE} COMP_CWORD=$((${#COMP_WORDS[@]} - 1))',
      '_lattice',
      `printf '%s\\n' "\${COMPREPLY[*]}"`,
    ].join('\n');
    const ran = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
    assert.deepEqual([ran.stderr, readFileSync(lattice.passed, 'utf8')], ['', passed], words);
    assert.equal(ran.stdout, `${offered}\n`, words);
  }
});

test('fish hands over the words, and offers what comes back', async (context) => {
  const lattice = await standIn(context, 'fish');
  if (lattice === undefined) return context.skip('fish is not installed');
  const script = `source ${lattice.script}; complete -C '${lattice.program} get my'`;
  const ran = spawnSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' });
  assert.equal(readFileSync(lattice.passed, 'utf8'), 'get|my');
  assert.deepEqual(ran.stdout.trimEnd().split('\n'), ['my1\tfirst', 'my 2']);
});

test('zsh can read its script', async (context) => {
  const lattice = await standIn(context, 'zsh');
  if (lattice === undefined) return context.skip('zsh is not installed');
  assert.deepEqual(spawnSync('zsh', ['-n', lattice.script], { encoding: 'utf8' }).stderr, '');
});

interface StandIn {
  readonly program: string;
  readonly script: string;
  /** A file: the words that it was called with. */
  readonly passed: string;
}

/** A program in lattice's place, which writes down what it is asked and offers two words; `undefined` without that shell. */
async function standIn(context: TestContext, shell: string): Promise<StandIn | undefined> {
  if (spawnSync(shell, ['--version']).error !== undefined) return undefined;
  const rig = new Rig(context);
  const [program, script, passed] = ['lattice', 'script', 'passed'].map((name) => join(rig.folder, name));
  if (program === undefined || script === undefined || passed === undefined) return undefined;
  const answers = [
    '#!/bin/bash',
    'shift',
    // The words, a bar between each two.
    `(IFS='|'; printf '%s' "$*") > ${passed}`,
    'word="${!#}"',
    `printf '%s1\\tfirst\\n%s 2\\n' "$word" "$word"`,
  ];
  writeFileSync(program, `${answers.join('\n')}\n`, { mode: 0o755 });
  writeFileSync(script, (await rig.run(['completion', shell])).stdout);
  return { program, script, passed };
}
