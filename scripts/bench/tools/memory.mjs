import { readFileSync } from 'node:fs';

/** The process's private memory, that which maps no file: MiB. `undefined` where the system does not tell. */
export function privateMiB() {
  try {
    const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kib && Number(kib) / 1024;
  } catch {
    return undefined;
  }
}
