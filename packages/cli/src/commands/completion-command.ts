import { scripts, shells } from '../completion/scripts.js';
import { usageError } from '../usage-error.js';
import { command } from './command.js';

export const completionCommand = command({
  path: 'completion',
  group: 'Shell',
  summary: 'Print a script for completion in your shell',
  details:
    'In bash, add eval "$(lattice completion bash)" to ~/.bashrc; in zsh, add eval "$(lattice completion zsh)" to ~/.zshrc, ' +
    'after compinit; in fish, write the script to ~/.config/fish/completions/lattice.fish. Keys and names are those of a ' +
    'node that runs: Tab starts none. The program must be called lattice, in any directory.',
  args: [{ name: 'shell', summary: `One of ${shells.join(', ')}`, completes: shells }],
  examples: [
    { line: 'completion bash', says: 'for one session: eval "$(lattice completion bash)"' },
    { line: 'completion zsh', says: 'for one session: eval "$(lattice completion zsh)"' },
    { line: 'completion fish', says: 'for one session: lattice completion fish | source' },
  ],
  json: '{shell, script}',
  run: async ({ args }, { output }) => {
    const shell = shells.find((one) => one === args.shell);
    if (shell === undefined)
      throw usageError(`There is no script for "${args.shell}": choose one of ${shells.join(', ')}.`);
    await output.result({ json: { shell, script: scripts[shell] }, text: scripts[shell].trimEnd() });
  },
});
