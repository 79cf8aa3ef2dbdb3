import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest, readGlobalOptions, readWords } from '@lattice/cli/testing';

const known = [
  { name: 'store', value: 'id', summary: '' },
  { name: 'json', summary: '' },
  { name: 'all', short: 'a', summary: '' },
];

function read(...tokens: string[]) {
  const { words, options } = readWords(tokens, known);
  return { words, options: Object.fromEntries(options) };
}

test('options may stand anywhere', () => {
  const expected = { words: ['get', 'k'], options: { store: 's', json: true } };
  assert.deepEqual(read('--store', 's', 'get', '--json', 'k'), expected);
  assert.deepEqual(read('get', 'k', '--json', '--store=s'), expected);
});

test('-- ends the options', () => {
  assert.deepEqual(read('put', '--json', '--', '--all', '-a', '--'), {
    words: ['put', '--all', '-a', '--'],
    options: { json: true },
  });
});

test('a lone hyphen and negative numbers are words', () => {
  assert.deepEqual(read('put', '-', '-5', '-.5'), { words: ['put', '-', '-5', '-.5'], options: {} });
});

test('an option has a short form where it says so', () => {
  assert.deepEqual(read('-a'), { words: [], options: { all: true } });
});

test('a value may be empty or hold an equals sign, and the last one counts', () => {
  assert.deepEqual(read('--store=', '--store=a=b'), { words: [], options: { store: 'a=b' } });
});

test('an option that does not exist, lacks its value or has one too many is wrong usage', () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [['--jsn'], /did you mean --json\?/],
    [['--zzzzzzzz'], /no option --zzzzzzzz/],
    [['-x'], /no option -x/],
    [['--store'], /--store needs a value: --store <id>/],
    [['--store', '--json'], /--store needs a value/],
    [['--store', '--', 'a'], /--store needs a value/],
    [['--json=1'], /--json takes no value/],
  ];
  for (const [tokens, message] of cases) assert.throws(() => read(...tokens), { code: 'usage', message });
});

test('the nearest name is found by its mistakes', () => {
  const names = ['mesh create', 'mesh status', 'put', 'get', 'list'];
  assert.equal(nearest('mesh craete', names), 'mesh create');
  assert.equal(nearest('lsit', names), 'list');
  assert.equal(nearest('gt', names), 'get');
  assert.equal(nearest('quux', names), undefined);
});

const somewhere = { env: {}, cwd: '/work', platform: 'linux', homeDir: '/home/me' };

test('the data directory is where XDG says, unless told otherwise', () => {
  const dataDir = (env: Record<string, string>, typed: [string, string][] = [], platform = 'linux') =>
    readGlobalOptions(new Map(typed), { ...somewhere, env, platform }).dataDir;
  assert.equal(dataDir({}), '/home/me/.local/share/lattice');
  assert.equal(dataDir({ XDG_DATA_HOME: '/data' }), '/data/lattice');
  assert.equal(dataDir({ XDG_DATA_HOME: 'relative' }), '/home/me/.local/share/lattice');
  assert.equal(dataDir({ LATTICE_DATA_DIR: '/a' }), '/a');
  assert.equal(dataDir({ LATTICE_DATA_DIR: '' }), '/home/me/.local/share/lattice');
  assert.equal(dataDir({ LATTICE_DATA_DIR: '/a' }, [['data-dir', 'b']]), '/work/b');
});

test('what is typed wins over the environment', () => {
  const env = { LATTICE_MESH: 'm', LATTICE_STORE: 's', LATTICE_JSON: '1', LATTICE_LOG_LEVEL: 'debug' };
  const fromEnv = readGlobalOptions(new Map(), { ...somewhere, env });
  assert.deepEqual([fromEnv.mesh, fromEnv.store, fromEnv.json, fromEnv.logLevel], ['m', 's', true, 'debug']);
  const typed = readGlobalOptions(new Map([['mesh', 'other']]), { ...somewhere, env });
  assert.equal(typed.mesh, 'other');
});

test('values that cannot be are wrong usage', () => {
  assert.throws(() => readGlobalOptions(new Map([['log-level', 'loud']]), somewhere), { code: 'usage' });
  assert.throws(() => readGlobalOptions(new Map(), { ...somewhere, env: { LATTICE_JSON: 'maybe' } }), {
    code: 'usage',
  });
});
