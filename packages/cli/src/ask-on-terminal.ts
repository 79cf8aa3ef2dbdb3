import { createInterface } from 'node:readline';
import type { Ask } from './commands/command-context.js';
import type { Surroundings } from './surroundings.js';

/** Asks whoever started a one-shot command, on standard error; `undefined` where nobody types at standard input. */
export function askOnTerminal({ stdin, stderr }: Surroundings, signal: AbortSignal): Ask | undefined {
  if (stdin.isTTY !== true) return undefined;
  return (question) =>
    new Promise((resolve) => {
      const readline = createInterface({ input: stdin, output: stderr, terminal: true, prompt: question });
      const close = () => readline.close();
      let answer: string | undefined;
      readline.on('line', (line) => {
        answer = line;
        close();
      });
      readline.on('SIGINT', close);
      readline.on('close', () => {
        signal.removeEventListener('abort', close);
        if (answer === undefined) stderr.write('\n');
        resolve(answer);
      });
      signal.addEventListener('abort', close, { once: true });
      readline.prompt();
    });
}
