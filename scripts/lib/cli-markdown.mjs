// docs/cli.md, from what the command line knows of itself.

/** Markdown; the formatter has the last word on its looks. */
export function markdownOf({ groups, globalOptions, questionOptions, exitStatuses, variables, files }) {
  return [
    '# The command line',
    '<!-- Made by `npm run docs` from the command table in packages/cli: change that. -->',
    '```console\n$ lattice [options] <command>   # one command\n$ lattice [options]             # the shell, or commands from standard input, one a line\n```',
    'Options go anywhere on the line, as `--name value` or `--name=value`; `--` ends them. `help <command>` and `--help` tell what is written here. A [manual page](../man/lattice.1) tells the same: `man ./man/lattice.1`.',
    contents(groups),
    '## Options of all commands',
    table(
      ['option', 'variable', 'what it says'],
      [
        ...globalOptions.map((option) => [code(typed(option)), code(option.variable), text(option.summary)]),
        ...questionOptions.map((option) => [code(typed(option)), '', text(option.summary)]),
      ],
    ),
    'What is typed wins over the variable. With `--json` a command prints one JSON document and nothing else; what goes wrong is one document on standard error, `{"error": {"code": ..., "message": ...}}`, whose `code` is stable. A list that fails halfway has its items before that, one a line, and no closing bracket.',
    '## Environment',
    table(
      ['variable', 'what it does'],
      variables.map(([name, meaning]) => [code(name), text(meaning)]),
    ),
    '## Exit statuses',
    table(
      ['status', 'meaning'],
      exitStatuses.map(([status, meaning]) => [String(status), text(meaning)]),
    ),
    '## Files',
    'In the data directory:',
    table(
      ['file', 'what it is'],
      files.map(([path, meaning]) => [code(path), text(meaning)]),
    ),
    ...groups.flatMap(({ name, commands }) => [`## ${name}`, ...commands.flatMap(section)]),
    '',
  ].join('\n\n');
}

function contents(groups) {
  return groups
    .map(({ name, commands }) => {
      const links = commands.map((one) => `[${code(one.name)}](#${one.name.replaceAll(' ', '-')})`);
      return `- **${name}**: ${links.join(', ')}`;
    })
    .join('\n');
}

function section({ name, usage, summary, details, args, options, examples, json }) {
  const rows = [
    ...args.map((one) => [code(one.optional ? `[${one.name}]` : `<${one.name}>`), text(one.summary)]),
    ...options.map((one) => [code(typed(one)), text(one.summary)]),
  ];
  const width = Math.max(...examples.map(({ line }) => line.length));
  return [
    `### ${name}`,
    `\`\`\`\nlattice ${usage}\n\`\`\``,
    `${text(summary)}.${details === undefined ? '' : ` ${text(details)}`}`,
    ...(rows.length > 0 ? [table(['argument', 'meaning'], rows)] : []),
    `\`\`\`sh\n${examples.map(({ line, says }) => `lattice ${line.padEnd(width)}  # ${says}`).join('\n')}\n\`\`\``,
    `With \`--json\`: ${shapes(json)}.`,
  ];
}

function typed({ name, short, value }) {
  const names = short === undefined ? `--${name}` : `--${name}, -${short}`;
  return value === undefined ? names : `${names} <${value}>`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(what) {
  return `\`${what}\``;
}

/** Prose, in which backticks already mark what is code. */
function text(prose) {
  return prose
    .split('`')
    .map((part, i) => (i % 2 === 1 ? code(part) : part.replaceAll(/[\\*_<>[\]#]/g, '\\$&')))
    .join('');
}

/** Prose with JSON in it: what is between brackets is code. */
function shapes(prose) {
  let [shown, depth, begin] = ['', 0, 0];
  for (const [i, character] of [...prose].entries()) {
    if ('[{'.includes(character) && depth++ === 0) [shown, begin] = [shown + text(prose.slice(begin, i)), i];
    if (']}'.includes(character) && --depth === 0)
      [shown, begin] = [shown + code(prose.slice(begin, i + 1)), i + 1];
  }
  return shown + text(prose.slice(begin));
}
