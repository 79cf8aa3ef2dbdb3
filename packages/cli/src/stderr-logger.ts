import type { Logger, LogLevel } from '@lattice/model';
import type { ChosenLogLevel } from './line/global-options.js';
import { harmless, quoted } from './output/printable.js';
import type { Writer } from './output/writer.js';

const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A line for each message from `level` on: "warn: the sentence field=value". */
export function stderrLogger(stderr: Writer, level: ChosenLogLevel): Logger {
  const least = level === 'off' ? Infinity : severity[level];
  return {
    log: (messageLevel, message, fields = {}) => {
      if (severity[messageLevel] < least) return;
      const tail = Object.entries(fields).map(([name, value]) => ` ${name}=${quoted(String(value))}`);
      stderr.writeNow(`${messageLevel}: ${harmless(message)}${tail.join('')}\n`);
    },
  };
}
