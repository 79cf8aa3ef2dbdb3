import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

test('every call, message, field and value of the service is explained', () => {
  const built = pathToFileURL(createRequire(import.meta.url).resolve('@lattice/api'));
  const lines = readFileSync(new URL('../proto/lattice.proto', built), 'utf8').split('\n');
  const isDeclaration = (line: string) =>
    /^\s*(?:rpc|message|enum) \w+/.test(line) || /^\s+(?:[\w.]+ )+\w+ = \d+;$|^\s+[A-Z_]+ = \d+;$/.test(line);
  const bare = lines.filter((line, i) => isDeclaration(line) && !/^\s*\/\/ /.test(lines[i - 1] ?? ''));
  assert.deepEqual(bare, []);
  assert.ok(lines.filter(isDeclaration).length > 150);
});
