import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { Screen } from '@lattice/cli/testing';
import { array, constantFrom, integer, nat, option, property, record, assert as holds } from 'fast-check';
import { VirtualScreen } from './virtual-screen.js';

const prompts = { first: 'lattice:no-mesh> ', next: '            ...> ' };
const character = constantFrom('a', 'b', ' ', '日', 'e\u0301', '👩‍👩‍👧', '\t', '\n', '\u001b', '\u202e');
const step = record({
  text: array(character, { maxLength: 90 }).map((characters) => characters.join('')),
  /** As if the line had been typed on: nothing but added to. */
  added: array(constantFrom('x', 'y', ' '), { maxLength: 5 }).map((characters) => characters.join('')),
  cursor: nat(),
  event: option(
    constantFrom('a peer came', 'two lines\nof an event', 'an event that is wider than the terminal is'),
  ),
});

test('whatever is typed and happens, the screen shows what happened, and below it the line with its cursor', () => {
  holds(
    property(array(step, { minLength: 1, maxLength: 6 }), integer({ min: 18, max: 40 }), (steps, columns) => {
      const shown = new VirtualScreen(columns);
      const screen = new Screen(output(shown, columns), false);
      let events = '';
      for (const { text, added, cursor, event } of steps) {
        const line = { text, cursor: boundaryIn(text, cursor) };
        const longer = { text: text + added, cursor: text.length + added.length };
        screen.draw(prompts, line);
        screen.draw(prompts, { text, cursor: text.length });
        screen.draw(prompts, longer);
        assertShows(shown, columns, events, longer);
        screen.draw(prompts, line);
        assertShows(shown, columns, events, line);
        if (event === null) continue;
        screen.showAbove(event);
        events += `${event}\n`;
        assertShows(shown, columns, events, line);
      }
    }),
  );
});

test('another width shows the line as if it had always been that wide', () => {
  const narrower = record({
    text: array(constantFrom('a', 'b c', ' ', '\n'), { maxLength: 90 }),
    cursor: nat(),
  });
  holds(
    property(
      narrower,
      integer({ min: 18, max: 40 }),
      integer({ min: 18, max: 40 }),
      (typed, before, after) => {
        const text = typed.text.join('');
        const line = { text, cursor: typed.cursor % (text.length + 1) };
        const shown = new VirtualScreen(before);
        const terminal = output(shown, before);
        const screen = new Screen(terminal, false);
        screen.draw(prompts, line);
        shown.resize(after);
        terminal.columns = after;
        screen.redraw();
        assertShows(shown, after, '', line);
      },
    ),
  );
});

test('the line is left below its last row, whatever row the cursor is in', () => {
  const shown = new VirtualScreen(20);
  const screen = new Screen(output(shown, 20), false);
  screen.draw({ first: '> ', next: '. ' }, { text: 'a\nb\nc', cursor: 0 });
  screen.leave('^C');
  screen.draw({ first: '> ', next: '. ' }, { text: '', cursor: 0 });
  assert.deepEqual(shown.rows, ['> a', '. b', '. c^C', '>']);
});

function assertShows(
  shown: VirtualScreen,
  columns: number,
  events: string,
  line: { readonly text: string; readonly cursor: number },
): void {
  const fresh = new VirtualScreen(columns);
  fresh.write(events);
  new Screen(output(fresh, columns), false).draw(prompts, line);
  assert.deepEqual(shown.rows, fresh.rows);
  assert.deepEqual(shown.cursor, fresh.cursor);
}

function output(shown: VirtualScreen, columns: number) {
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      shown.write(chunk.toString());
      done();
    },
  });
  return Object.assign(stream, { columns, isTTY: true });
}

/** A place between two characters. */
function boundaryIn(text: string, wanted: number): number {
  const places = [0];
  for (const { segment } of new Intl.Segmenter().segment(text))
    places.push((places.at(-1) ?? 0) + segment.length);
  return places[wanted % places.length] ?? 0;
}
