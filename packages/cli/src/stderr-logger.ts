import type { Logger, LogLevel } from '@lattice/model';
import type { ChosenLogLevel } from './line/global-options.js';
import type { Role } from './output/paint.js';
import { harmless, quoted } from './output/printable.js';
import type { Writer } from './output/writer.js';

const look: Readonly<Record<LogLevel, Role>> = {
  debug: 'faint',
  info: 'faint',
  warn: 'warning',
  error: 'bad',
};

const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A line for each message from `level` on: "warn: the sentence field=value". `tell` shows it, if not on standard error. */
export function stderrLogger(
  stderr: Writer,
  level: ChosenLogLevel,
  tell = (line: string) => stderr.writeNow(`${line}\n`),
): Logger {
  const least = level === 'off' ? Infinity : severity[level];
  return {
    log: (messageLevel, message, fields = {}) => {
      if (severity[messageLevel] < least) return;
      const tail = Object.entries(fields).map(([name, value]) => ` ${name}=${quoted(String(value))}`);
      tell(`${stderr.paint.as(look[messageLevel], `${messageLevel}:`)} ${harmless(message)}${tail.join('')}`);
    },
  };
}
