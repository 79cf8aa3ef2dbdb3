import { isIP } from 'node:net';
import { LatticeError } from '@lattice/model';

/** Where to listen, as a person asks for it. */
export interface BindAddress {
  /** An IP address, or `localhost` for the loopback addresses of both families. Absent: everywhere. */
  readonly host?: string;
  /** Absent or 0: the one used last where it is free, or any. */
  readonly port?: number;
}

/**
 * Reads `host`, `host:port`, `:port` or `port`, and several of them with commas between, at most one per address family:
 * `127.0.0.1:4001`, `[::1]:4001`, `localhost`, `:4001`. Throws `invalid-bind`.
 */
export function parseBind(text: string): readonly BindAddress[] {
  return text.split(',').map((item) => parseBindAddress(item.trim()));
}

function parseBindAddress(text: string): BindAddress {
  if (/^\d+$/.test(text)) return { port: parsePort(text, text) };
  if (text.includes('%')) throw invalidBind(text); // A scoped address: the binding cannot take one.
  if (isIP(text) === 6) return { host: text };
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<host>[^:]*))(?::(?<port>\d+))?$/.exec(text)?.groups;
  const host = parts?.['v6'] ?? parts?.['host'] ?? '';
  const family = parts?.['v6'] === undefined ? 4 : 6;
  const isKnown = isIP(host) === family || (family === 4 && (host === 'localhost' || host === ''));
  if (parts === undefined || text === '' || !isKnown) throw invalidBind(text);
  return {
    ...(host !== '' && { host }),
    ...(parts['port'] !== undefined && { port: parsePort(parts['port'], text) }),
  };
}

function parsePort(digits: string, text: string): number {
  const port = Number(digits);
  if (port > 65_535) throw invalidBind(text);
  return port;
}

function invalidBind(text: string): LatticeError {
  return new LatticeError(
    'invalid-bind',
    `"${text.slice(0, 80)}" is not an address to listen on: use an IP address, a port, or both, as 127.0.0.1:4001 or [::1]:4001.`,
  );
}
