import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { decodeStory } from '@lattice/sim';
import { Elsewhere } from './support/elsewhere.js';

// Stories in which something was found once: each is run as it was saved.
const folder = 'packages/sim/test/stories';
const elsewhere = new Elsewhere();
after(() => elsewhere[Symbol.asyncDispose]());

for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const story = decodeStory(readFileSync(`${folder}/${name}`, 'utf8'));
  test(`${story.about} (${name})`, async () => {
    const { findings } = await elsewhere.run(story);
    assert.deepEqual(findings, []);
  });
}
