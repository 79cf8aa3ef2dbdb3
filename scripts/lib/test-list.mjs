// Which test files there are, and which file Node runs for each.
import { filesUnder, root } from './repository.mjs';

/**
 * Each as { source, script }, paths from the root: TypeScript runs compiled, what tests the scripts runs as
 * it is.
 */
export function testFiles(filter, base = root) {
  const compiled = filesUnder('packages', base)
    .filter((path) => /^packages\/[^/]+\/test\/.*\.test\.ts$/.test(path))
    .map((source) => ({ source, script: `.build/tests/${source.replace(/\.ts$/, '.js')}` }));
  const plain = filesUnder('scripts/test', base)
    .filter((path) => path.endsWith('.test.mjs'))
    .map((source) => ({ source, script: source }));
  return [...compiled, ...plain].filter(
    ({ source }) => filter.length === 0 || filter.some((part) => source.includes(part)),
  );
}
