import { command } from './command.js';

/** One command by the two names that people try. */
export const quitCommands = [
  { path: 'quit', summary: 'Leave the shell; so does Ctrl-D' },
  { path: 'exit', summary: 'The same as `quit`' },
].map(({ path, summary }) =>
  command({
    path,
    group: 'Shell',
    summary,
    examples: [{ line: path, says: 'this node goes offline, unless a daemon runs it' }],
    json: '{}',
    run: async (_input, { output, shell }) => {
      shell?.leave();
      await output.result({ json: {}, text: '' });
    },
  }),
);
