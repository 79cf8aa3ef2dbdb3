// man/lattice.1, from what the command line knows of itself, in the mdoc language (mandoc.bsd.lv/man/mdoc.7.html).

/** `date` as mdoc has it: "November 22, 2026". */
export function manualOf({ groups, globalOptions, questionOptions, exitStatuses, variables, files }, date) {
  return [
    '.\\" Made by `npm run docs` from the command table in packages/cli: change that.',
    `.Dd ${date}`,
    '.Dt LATTICE 1',
    '.Os',
    '.nh',
    '.Sh NAME',
    '.Nm lattice',
    '.Nd a local-first mesh of replicated stores',
    '.Sh SYNOPSIS',
    '.Nm',
    '.Op Ar options',
    '.Op Ar command Op Ar argument ...',
    '.Sh DESCRIPTION',
    '.Nm',
    'keeps data on this machine and the same on all others of its mesh, reads and writes it with no network at all, and',
    'shows what was written at the same time as a conflict.',
    '.Pp',
    'Without a',
    '.Ar command',
    'it is a shell, or runs the commands that come from standard input, one a line.',
    'One process owns a data directory: while a shell or a daemon runs, other commands go through it.',
    '.Sh OPTIONS',
    'They go anywhere on the line; two hyphens alone end them.',
    ...list(
      [...globalOptions, ...questionOptions].map((option) => [
        option.short === undefined ? flag(option) : `${flag(option)} , Fl ${option.short}`,
        [...text(`${option.summary}.`), ...variableLines(option)],
      ]),
    ),
    '.Sh COMMANDS',
    ...groups.flatMap(({ name, commands }) => [`.Ss ${quote(name)}`, ...list(commands.map(item))]),
    '.Sh ENVIRONMENT',
    'Every option of the list above that names a variable can be set by it; what is typed wins.',
    ...list(variables.map(([name, meaning]) => [`Ev ${name}`, text(`${meaning}.`)])),
    '.Sh FILES',
    'In the data directory:',
    ...list(files.map(([path, meaning]) => [`Pa ${quote(path)}`, text(`${meaning}.`)])),
    '.Sh EXIT STATUS',
    ...list(exitStatuses.map(([status, meaning]) => [`Li ${status}`, text(`${upper(meaning)}.`)])),
    '',
  ].join('\n');
}

/** The date of a manual that was made before. */
export function dateOf(manual) {
  return /^\.Dd (.*)$/m.exec(manual)?.[1];
}

function item({ name, summary, details, args, options, examples, json }) {
  const head = [
    `Cm ${quote(name)}`,
    ...args.map((one) => (one.optional ? `Op Ar ${one.name}` : `Ar ${one.name}`)),
    ...options.map((one) => `Op ${flag(one)}`),
  ].join(' ');
  const given = [
    ...args.map((one) => [`Ar ${one.name}`, text(`${one.summary}.`)]),
    ...options.map((one) => [flag(one), text(`${one.summary}.`)]),
  ];
  return [
    head,
    [
      ...text(`${summary}.`),
      ...(details === undefined ? [] : ['.Pp', ...text(details)]),
      ...(given.length === 0 ? [] : list(given)),
      '.Pp',
      examples.length === 1 ? 'Example:' : 'Examples:',
      ...list(examples.map(({ line, says }) => [`Ic ${quote(`lattice ${line}`)}`, text(`${upper(says)}.`)])),
      '.Pp',
      'With',
      '.Fl -json :',
      ...text(`${json}.`),
    ],
  ];
}

function list(items) {
  return ['.Bl -tag -width Ds', ...items.flatMap(([head, body]) => [`.It ${head}`, ...body]), '.El'];
}

function flag({ name, value }) {
  return value === undefined ? `Fl -${name}` : `Fl -${name} Ar ${value}`;
}

function variableLines({ variable }) {
  return variable === undefined ? [] : ['Variable:', `.Ev ${variable} .`];
}

/** Lines of prose: a sentence a line, none of which begins like a request. Marks of code mean nothing here. */
function text(prose) {
  return escaped(prose.replaceAll('`', ''))
    .replaceAll(/([.?!]) (?=[A-Z])/g, '$1\n')
    .split('\n')
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line));
}

/** One argument of a macro, which may have spaces; \& keeps it from being taken for a macro or a stop. */
function quote(words) {
  return `"\\&${escaped(words).replaceAll('"', '\\(dq')}"`;
}

/** A backslash is the language's own, and what is not ASCII goes by its number. A plain hyphen could be broken at, or be drawn as one. */
function escaped(words) {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(
      /[^\n -~]/gu,
      (character) => `\\[u${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

function upper(words) {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
