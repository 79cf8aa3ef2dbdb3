import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { promisify } from 'node:util';
import { wallClockMs } from './system-ports.js';

/** Text that is the same as long as the machine runs, and another one after it was started again. */
export async function readBootId(): Promise<string> {
  if (process.platform === 'linux') {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  }
  if (process.platform === 'darwin') {
    const { stdout } = await promisify(execFile)('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid']);
    return stdout.trim();
  }
  // When it was started, to ten minutes: a clock that was set between two calls only costs a rebuild.
  const bootedMs = wallClockMs() - os.uptime() * 1000;
  return `booted ${Math.round(bootedMs / 600_000)}`;
}
