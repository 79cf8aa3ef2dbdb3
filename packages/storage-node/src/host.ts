import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What can be told of the machine that holds a data directory. Never rejects. */
export interface Host {
  /** Text that no other machine has; `undefined` where none is known, or the one that is may change by itself. */
  machineId(): Promise<string | undefined>;
  /** Text that a file keeps until it is removed, and no copy of it has; `undefined` where there is none such. */
  fileMark(path: string): Promise<string | undefined>;
}

export const systemHost: Host = {
  machineId: async () => {
    try {
      if (process.platform === 'linux') return await linuxMachineId();
      if (process.platform === 'darwin') return await macMachineId();
      if (process.platform === 'win32') return await windowsMachineId();
    } catch {
      // Whatever keeps it from being read, it is not known.
    }
    return undefined;
  },

  // Elsewhere nothing says which file systems keep these numbers: of exFAT, SMB and their like they are another one at each mount.
  fileMark: async (path) => {
    if (process.platform !== 'linux') return undefined;
    try {
      if (!keepsInodes.has((await fs.statfs(path)).type)) return undefined;
      const { ino, birthtimeNs } = await fs.stat(path, { bigint: true });
      // An inode's number alone may be that of the copied file on the disk that it was copied to.
      return birthtimeNs > 0n ? `${ino} ${birthtimeNs}` : undefined;
    } catch {
      return undefined;
    }
  },
};

/** See machine-id(5). One that lies in the layers of a container, or in memory, is the image's, or lasts until the next start. */
async function linuxMachineId(): Promise<string | undefined> {
  const path = '/etc/machine-id';
  const text = (await fs.readFile(path, 'utf8')).trim();
  const isLasting = keepsInodes.has((await fs.statfs(path)).type);
  return isLasting && /^[0-9a-f]{32}$/.test(text) ? text : undefined;
}

async function macMachineId(): Promise<string | undefined> {
  const text = await outputOf('/usr/sbin/ioreg', '-rd1', '-c', 'IOPlatformExpertDevice');
  return /"IOPlatformUUID" = "([0-9A-F-]{36})"/.exec(text)?.[1];
}

async function windowsMachineId(): Promise<string | undefined> {
  const reg = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'reg.exe');
  const text = await outputOf(reg, 'query', 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', '/v', 'MachineGuid');
  return /MachineGuid\s+REG_SZ\s+([0-9A-Fa-f-]{36})/.exec(text)?.[1];
}

async function outputOf(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: programMaxMs });
  return stdout;
}

/** Nothing waits for long to be told something that is merely good to know. */
const programMaxMs = 2_000;

/** File systems on a disk of this machine's own, by `f_type` of statfs(2). Not those of networks, containers and USB sticks. */
const keepsInodes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
]);
