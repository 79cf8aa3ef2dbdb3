import { wordsCommand } from './words-command.js';

/** Shells that there is a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** Each asks the program itself, so that a script that was installed once knows the commands of later versions. */
export const scripts: Readonly<Record<(typeof shells)[number], string>> = {
  bash: `# Tab completion of lattice for bash, 3.2 or later.
_lattice() {
  local rest=\${COMP_LINE:0:COMP_POINT} words=() head= quote= i word line
  for ((i = 0; i <= COMP_CWORD; i++)); do
    # Bash divides words at = and : too. What no space divides is one word here.
    if ((i == 0)) || [[ $rest == [[:space:]]* || -z $rest ]]; then
      rest=\${rest#"\${rest%%[![:space:]]*}"}
      words+=('')
      head=
    else
      head=\${words[\${#words[@]} - 1]}
    fi
    word=\${COMP_WORDS[i]}
    # Of the word that the cursor is in, what stands before it.
    [[ $rest == "$word"* ]] || word=$rest
    rest=\${rest#"$word"}
    [[ $word == [=:]* ]] && head+=$word
    [[ $word == [\\"\\']* ]] && quote=yes || quote=
    words[\${#words[@]} - 1]+=$word
  done
  for ((i = 0; i < \${#words[@]}; i++)); do
    word=\${words[i]//\\\\/}
    word=\${word//\\"/}
    words[i]=\${word//\\'/}
  done
  COMPREPLY=()
  while IFS= read -r line; do
    word=\${line%%$'\\t'*}
    word=\${word#"$head"}
    [[ -n $quote ]] || printf -v word %q "$word"
    COMPREPLY+=("$word")
  done < <("\${COMP_WORDS[0]/#\\~\\//$HOME/}" ${wordsCommand} "\${words[@]:1}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == */ ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _lattice lattice
`,
  zsh: `#compdef lattice
# Tab completion of lattice for zsh.
_lattice() {
  local line word
  local -a before closed open
  before=("\${(@Q)words[2,CURRENT-1]}")
  while IFS= read -r line; do
    word=\${line%%$'\\t'*}
    [[ $line == *$'\\t'* ]] && line="\${word//:/\\\\:}:\${line#*$'\\t'}" || line=\${word//:/\\\\:}
    [[ $word == */ ]] && open+=("$line") || closed+=("$line")
  done < <("\${(Q)words[1]/#\\~\\//$HOME/}" ${wordsCommand} "\${before[@]}" "\${(Q)PREFIX}" 2>/dev/null)
  (( $#closed )) && _describe -V lattice closed
  (( $#open )) && _describe -V lattice open -S ''
  (( $#closed + $#open ))
}
# Loaded from fpath, this file is the function's own body; sourced, it says what the function is for.
if [[ $funcstack[1] == _lattice ]]; then
  _lattice "$@"
else
  compdef _lattice lattice
fi
`,
  fish: `# Tab completion of lattice for fish.
function __lattice_words
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    command $before[1] ${wordsCommand} $before[2..-1] "$current" 2>/dev/null
end
complete -c lattice -f -k -a '(__lattice_words)'
`,
};
