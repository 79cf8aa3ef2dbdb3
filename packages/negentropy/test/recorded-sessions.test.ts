import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Recorded, sidesOf } from './support/recorded.js';
import { hex, reconcile } from './support/session.js';

/** Recorded from an independent JavaScript implementation, a port of the reference one. */
const sessions = JSON.parse(
  readFileSync('packages/negentropy/test/vectors/sessions.json', 'utf8'),
) as Recorded[];

for (const session of sessions) {
  const { count, times, frameSizeLimit } = session;
  const limit = frameSizeLimit === 0 ? 'no limit' : `a limit of ${frameSizeLimit} bytes`;

  test(`${count} items at ${times} times, with ${limit}, are reconciled by the reference's messages, byte for byte`, () => {
    const { initiator, responder } = sidesOf(session);
    const options = frameSizeLimit === 0 ? {} : { frameSizeLimit };

    const messages = reconcile(initiator, responder, options).messages.map(hex);

    const recorded = session.messages;
    if (typeof recorded === 'string')
      assert.equal(createHash('sha256').update(messages.join(''), 'hex').digest('hex'), recorded);
    else assert.deepEqual(messages, recorded);
  });
}
