import { command } from './command.js';

export const quitCommand = command({
  path: 'quit',
  group: 'Shell',
  summary: 'Leave the shell; so does Ctrl-D',
  examples: [{ line: 'quit', says: 'this node goes offline, unless a daemon runs it' }],
  json: '{}',
  run: async (_input, { output, shell }) => {
    shell?.leave();
    await output.result({ json: {}, text: '' });
  },
});
