import { isAbsolute, join, resolve } from 'node:path';
import type { Option } from '../commands/command.js';
import type { Surroundings } from '../surroundings.js';
import { usageError } from '../usage-error.js';
import type { Token } from './split-line.js';

/** What is said once for all commands. */
export interface GlobalOptions {
  /** Absolute. */
  readonly dataDir: string;
  /** Empty: the selection. */
  readonly mesh: string;
  /** Empty: the selection. */
  readonly store: string;
  readonly json: boolean;
  /** Whether these two make sense is for the node to say, when it opens. */
  readonly bind?: string;
  readonly relay?: string;
  readonly lan?: string;
  readonly logLevel: ChosenLogLevel;
}

export type ChosenLogLevel = (typeof logLevels)[number];

const logLevels = ['debug', 'info', 'warn', 'error', 'off'] as const;

/** Each can also be set by its environment variable; what is typed wins. */
export const globalOptions = [
  {
    name: 'data-dir',
    value: 'path',
    variable: 'LATTICE_DATA_DIR',
    summary: 'Where the node lives; another directory is another node',
    completes: 'directory',
  },
  {
    name: 'mesh',
    value: 'id',
    variable: 'LATTICE_MESH',
    summary: 'The mesh that is meant: a prefix of its id, or its name',
    completes: 'mesh',
  },
  {
    name: 'store',
    value: 'id',
    variable: 'LATTICE_STORE',
    summary: 'The store that is meant: a prefix of its id, or its name',
    completes: 'store',
  },
  { name: 'json', variable: 'LATTICE_JSON', summary: 'Print one JSON document' },
  {
    name: 'bind',
    value: 'address',
    variable: 'LATTICE_BIND',
    summary: 'Listen there: an address, a port or both; several with commas',
  },
  {
    name: 'relay',
    value: 'relay',
    variable: 'LATTICE_RELAY',
    summary: 'A relay URL, "default" (Iroh’s relays and address look-up) or "off"',
    completes: ['default', 'off'],
  },
  {
    name: 'lan',
    value: 'choice',
    variable: 'LATTICE_LAN',
    summary: 'Find members on the same network by multicast: on or off',
    completes: ['on', 'off'],
  },
  {
    name: 'log-level',
    value: 'level',
    variable: 'LATTICE_LOG_LEVEL',
    summary: `What to write to standard error: ${logLevels.join(', ')}`,
    completes: logLevels,
  },
] as const satisfies readonly (Option & { readonly variable: string })[];

/** Options that ask about the program instead of running a command. */
export const questionOptions = [
  { name: 'help', short: 'h', summary: 'Explain the command' },
  { name: 'version', short: 'V', summary: 'Print the version' },
] as const satisfies readonly Option[];

type Name = (typeof globalOptions)[number]['name'];

/** What was typed, else the environment, else the default. Throws a usage error for a value that cannot be. */
export function readGlobalOptions(
  typed: ReadonlyMap<string, string | true>,
  { env, cwd, platform, homeDir }: Pick<Surroundings, 'env' | 'cwd' | 'platform' | 'homeDir'>,
): GlobalOptions {
  const value = (name: Name): string | undefined => {
    const said = typed.get(name);
    if (typeof said === 'string') return said;
    const variable = env[variableOf(name)];
    return variable === '' ? undefined : variable;
  };
  const bind = value('bind');
  const relay = value('relay');
  const lan = value('lan');
  return {
    dataDir: resolve(cwd, value('data-dir') ?? defaultDataDir(env, platform, homeDir)),
    mesh: value('mesh') ?? '',
    store: value('store') ?? '',
    json: typed.get('json') === true || isOn(env[variableOf('json')]),
    ...(bind === undefined ? {} : { bind }),
    ...(relay === undefined ? {} : { relay }),
    ...(lan === undefined ? {} : { lan }),
    logLevel: checkedLogLevel(value('log-level') ?? 'warn'),
  };
}

/** Whether errors are to be JSON: also those of a line that could not be read, or an environment that makes no sense. */
export function wantsJson(tokens: readonly Token[], { env }: Pick<Surroundings, 'env'>): boolean {
  return tokens.includes('--json') || meaningYes.includes(env[variableOf('json')] ?? '');
}

const meaningYes: readonly string[] = ['1', 'true', 'yes'];

function variableOf(name: Name): string {
  return `LATTICE_${name.replace('-', '_').toUpperCase()}`;
}

/** The XDG Base Directory Specification, which says that a path that is not absolute is to be ignored; and Windows' own. */
function defaultDataDir(env: Surroundings['env'], platform: string, homeDir: string): string {
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homeDir, 'AppData', 'Local'), 'lattice');
  const xdg = env.XDG_DATA_HOME;
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeDir, '.local', 'share'), 'lattice');
}

function isOn(variable: string | undefined): boolean {
  if (variable === undefined || ['', '0', 'false', 'no'].includes(variable)) return false;
  if (meaningYes.includes(variable)) return true;
  throw usageError(`LATTICE_JSON is "${variable}": set it to 1 or to 0.`);
}

function checkedLogLevel(level: string): ChosenLogLevel {
  const found = logLevels.find((one) => one === level);
  if (found === undefined)
    throw usageError(`"${level}" is no log level: choose one of ${logLevels.join(', ')}.`);
  return found;
}
