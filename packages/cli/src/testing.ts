// What the tests of this package look at from closer than its one function.
export { commands } from './commands/table.js';
export { findCommand, inputOf, usageOf } from './line/find-command.js';
export { globalOptions, questionOptions, readGlobalOptions } from './line/global-options.js';
export { nearest } from './line/nearest.js';
export { readWords } from './line/read-words.js';
export { splitLine } from './line/split-line.js';
export { readLines } from './ndjson/read-lines.js';
export { parseRecordLine, recordLine } from './ndjson/record.js';
export { jsonForTerminal } from './output/json-text.js';
export { harmless, quoted, quotedBytes } from './output/printable.js';
export { version } from './version.js';
