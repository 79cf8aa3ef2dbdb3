// A reporter for node:test that hands each event, made plain, to the process that started this one.
import { inspect } from 'node:util';

export default async function* report(events) {
  for await (const { type, data } of events) {
    const message = messageOf(type, data);
    if (message !== undefined) process.send(message);
  }
  yield '';
}

function messageOf(type, { name, nesting, details, skip, todo }) {
  switch (type) {
    case 'test:enqueue':
    case 'test:dequeue':
    case 'test:start':
      return { kind: type.slice('test:'.length), name, nesting };
    case 'test:pass':
    case 'test:fail':
      return {
        kind: 'end',
        name,
        nesting,
        isSuite: details.type === 'suite',
        durationMs: details.duration_ms,
        skip: skip ?? todo,
        error: type === 'test:fail' ? errorText(details.error) : undefined,
      };
    default:
      return undefined;
  }
}

/**
 * node:test wraps what a test threw; a parent whose only fault is its children has nothing of its own to
 * tell.
 */
function errorText(error) {
  if (error.failureType === 'subtestsFailed') return '';
  return inspect(error.cause ?? error, { depth: 8 });
}
