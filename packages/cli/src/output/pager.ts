import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { LatticeError } from '@lattice/model';
import { quoted } from './printable.js';
import { Writer } from './writer.js';

/** A program that shows long output a screen at a time. */
export interface Pager {
  /** Rejects with `output-closed` once the reader has seen enough. */
  readonly output: Writer;
  /** No more is coming. Resolves when the reader has left. Rejects with `pager-failed`. */
  close(): Promise<void>;
}

/** What `sh` says of a command that it cannot run. */
const notRun = [126, 127];

/**
 * Starts the program that PAGER names, else `less`; `undefined` where there is none, or none is wanted (PAGER is empty or
 * "cat"). Colours and short output come out right with `less`, which is told so by LESS unless that is set.
 */
export async function openPager(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Pager | undefined> {
  const command = (env.PAGER ?? 'less').trim();
  if (command === '' || command === 'cat') return undefined;
  const [program = '', ...args] = command.split(/\s+/);
  const isForShell = /[|&;<>()$`\\"'*?[#~=%]/.test(command);
  const child = spawn(isForShell ? command : program, isForShell ? [] : args, {
    env: { LESS: 'FRX', ...env },
    stdio: ['pipe', 'inherit', 'inherit'],
    shell: isForShell,
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = new Writer(child.stdin, { env });
  try {
    await once(child, 'spawn');
  } catch {
    return undefined;
  }
  return {
    output,
    close: async () => {
      child.stdin.end();
      const status = await ended;
      if (status === null || !notRun.includes(status)) return;
      throw new LatticeError(
        'pager-failed',
        `The pager ${quoted(command)} cannot be run: set PAGER to another one, or to nothing for none.`,
      );
    },
  };
}
