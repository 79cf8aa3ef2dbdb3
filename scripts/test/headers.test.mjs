import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Headers as Light } from '../lib/headers.mjs';

const inits = [
  undefined,
  {},
  { 'Content-Type': 'a', accept: ' b\t' },
  [
    ['X-B', '1'],
    ['x-a', '2'],
    ['x-b', '3'],
    ['Set-Cookie', 'c=1'],
    ['set-cookie', 'c=2'],
  ],
  new Headers({ one: 'is', two: 'native' }),
];
const steps = [
  (headers) => headers.append('X-A', 'more'),
  (headers) => headers.set('X-B', 'another'),
  (headers) => headers.delete('ACCEPT'),
  (headers) => headers.set('empty', ''),
  (headers) => headers.append('number', 5),
];
const mistakes = [
  (headers) => headers.set('a b', '1'),
  (headers) => headers.set('', '1'),
  (headers) => headers.append('a', 'line\nbreak'),
  (headers) => headers.append('a', '\0'),
  (headers) => headers.append('a', '\u{2013}'),
  (headers) => headers.get('a:b'),
];

test('headers of the bundle are those of the platform', () => {
  for (const init of inits) {
    const [light, native] = [new Light(init), new Headers(init)];
    assert.deepEqual(seen(light), seen(native));
    for (const step of steps) {
      for (const headers of [light, native]) step(headers);
      assert.deepEqual(seen(light), seen(native), String(step));
    }
    assert.deepEqual(seen(new Light(light)), seen(new Headers(native)), 'they are copied');
    for (const mistake of mistakes) {
      for (const headers of [light, native])
        assert.throws(() => mistake(headers), TypeError, String(mistake));
      assert.deepEqual(seen(light), seen(native));
    }
  }
});

function seen(headers) {
  const told = [];
  headers.forEach((value, name, of) => told.push([name, value, of === headers]));
  const names = ['content-type', 'X-A', 'x-b', 'none', 'set-cookie', 'empty'];
  return {
    told,
    all: [...headers],
    entries: [...headers.entries()],
    keys: [...headers.keys()],
    values: [...headers.values()],
    got: names.map((name) => [headers.get(name), headers.has(name)]),
    cookies: headers.getSetCookie(),
  };
}
