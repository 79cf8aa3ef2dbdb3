import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { quickStart } from './support/readme.js';
import { Terminal } from './support/terminal.js';
import { until } from './support/until.js';
import { workplace } from './support/workplace.js';

/** What one node writes is there on the other within so long. */
const visibleWithinMs = 1_000;

const hasScript = spawnSync('script', ['--version']).status === 0;

test(
  "the README's quick start works word for word, in two terminals",
  { skip: hasScript ? false : 'install util-linux for its "script"' },
  async (context) => {
    const { folder, env } = workplace(context);
    const terminals = new Map<string, Terminal>();
    let token = '';
    for (const step of quickStart()) {
      if (step.kind === 'start') {
        const terminal = new Terminal(context, step.text, { cwd: folder, env });
        terminals.set(step.terminal, terminal);
        assert.equal(await terminal.prompt(), 'lattice:no-mesh> ');
        continue;
      }
      const terminal = terminals.get(step.terminal);
      assert(terminal, `${step.terminal} was started`);
      let answer = await terminal.enter(step.text.replace('<token>', token));
      if (step.expected) {
        await until(
          async () =>
            answer.includes(step.expected) ||
            (answer = await terminal.enter(step.text)).includes(step.expected),
          visibleWithinMs,
          () => `"${step.text}" printed "${answer}", not "${step.expected}"`,
        );
      }
      token = /lattice1[a-z2-7]+/.exec(answer)?.[0] ?? token;
    }
    assert.equal(terminals.size, 2);
    for (const terminal of terminals.values())
      assert.match(await terminal.prompt(), /^lattice:[0-9a-f]{8}> $/);
  },
);
