import type { Pager } from './pager.js';
import type { Writer } from './writer.js';

export interface PagedOptions {
  readonly stdout: Writer;
  /** Absent: there is to be none. */
  readonly openPager: (() => Promise<Pager | undefined>) | undefined;
  /** Aborted by Ctrl-C, which is nothing unusual in a pager. */
  readonly signal: AbortSignal;
}

/** Prints lines as they come; through a pager once they are more than the screen has, if there is one. */
export async function printPaged(
  lines: AsyncIterable<string>,
  { stdout, openPager, signal }: PagedOptions,
): Promise<void> {
  const screenLines = openPager ? Math.max(1, stdout.rows - 1) : 0;
  const held: string[] = [];
  let pager: Pager | undefined;
  let output: Writer | undefined;
  try {
    for await (const line of lines) {
      if (output === undefined && held.length < screenLines) {
        held.push(line);
        continue;
      }
      if (output === undefined) {
        pager = await openPager?.();
        output = pager?.output ?? stdout;
      }
      await output.write(textOf([...held.splice(0), line]));
    }
    await (output ?? stdout).write(textOf(held));
  } catch (error) {
    if (pager === undefined || !signal.aborted) throw error;
  } finally {
    await pager?.close();
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
