// Finds what a source file imports without a parser. Formatting is checked too, so a statement starts its
// line; what only looks like one (a template string with code in it) fails loudly, and can be written
// differently.
import { dirname, posix } from 'node:path';

const patterns = [
  /^import\s+(?:type\s+)?[\w$*{},\s]+?\sfrom\s+(['"])(?<target>[^'"\n]+)\1/gm,
  /^import\s+(['"])(?<target>[^'"\n]+)\1/gm,
  /^export\s+(?:type\s+)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})\s+from\s+(['"])(?<target>[^'"\n]+)\1/gm,
  /\b(?:import|require|import\.meta\.resolve)\(\s*(['"`])(?<target>[^'"`\n]+)\1/g,
  /\bnew URL\(\s*(['"`])(?<target>\.[^'"`\n]*)\1,\s*import\.meta\.url/g,
];
const computed = /\b(?:import|require)\(\s*[^'"`\s)]|\bnew URL\((?!\s*['"`]\.)[^,\n]+,\s*import\.meta\.url/g;

/**
 * Every import of the source as `{ target, line }`; `target` is undefined for what no reader can tell:
 * `import(name)`.
 */
export function importsOf(source) {
  const found = patterns.flatMap((pattern) =>
    [...source.matchAll(pattern)].map((match) => at(source, match, match.groups.target)),
  );
  const unknown = [...source.matchAll(computed)].map((match) => at(source, match, undefined));
  return [...found, ...unknown].sort((a, b) => a.line - b.line);
}

/** The package of a bare specifier: '@lattice/model' of '@lattice/model/x', 'lmdb' of 'lmdb/y'. */
export function packageOf(target) {
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/');
}

/** Where a relative import of `file` leads, as a path from the repository's root. */
export function relativeTarget(file, target) {
  return posix.join(dirname(file), target);
}

function at(source, match, target) {
  return { target, line: source.slice(0, match.index).split('\n').length };
}
