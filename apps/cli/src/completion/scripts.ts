import type { Command } from '../command.ts'
import { optionsOf } from '../common-options.ts'

/** The shells that have a completion, with the line that loads it. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** The words that a command takes where it names them itself: `list|lift [ADDRESS]` gives `list` and `lift`. */
const wordsOf = ({ words }: Command): readonly string[] =>
  words.split(/[\s|[\]]+/).filter((word) => /^[a-z]+$/.test(word))

const flagsOf = (command: Command): readonly string[] =>
  Object.keys(optionsOf(command)).map((name) => `--${name}`)

/** Options whose value is a path. */
const isPath = (value: string | undefined): boolean => /^(FILE|FOLDER|DIR|PATH)$/.test(value ?? '')

/** A script that completes commands, their words and options, made from the commands themselves. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands)
    case 'zsh':
      return zsh(commands)
    case 'fish':
      return fish(commands)
  }
}

/** One line of help in single quotes, as a shell reads it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

function bash(commands: readonly Command[]): string {
  const cases = commands.map(
    (command) =>
      `    ${command.name}) words=${quoted([...wordsOf(command), ...flagsOf(command)].join(' '))} ;;`,
  )
  const paths = new Set(
    commands.flatMap((command) =>
      Object.entries(optionsOf(command)).flatMap(([name, option]) =>
        'value' in option && isPath(option.value) ? [`--${name}`] : [],
      ),
    ),
  )
  return `# latchkey completion bash
_latchkey() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=
  COMPREPLY=()
  case $before in
    ${[...paths].join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words=${quoted([...commands.map(({ name }) => name), 'help', '--help', '--version'].join(' '))}; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -F _latchkey latchkey`
}

/** In the specifications of zsh, colons and brackets have a meaning. */
const specified = (text: string): string => text.replaceAll(/[[\]:\\]/g, (character) => `\\${character}`)

function zsh(commands: readonly Command[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${specified(summary)}`)}`)
  const cases = commands.map((command) => {
    const options = Object.entries(optionsOf(command)).map(([name, option]) => {
      const value = 'value' in option ? option.value : undefined
      const after = option.type === 'string' ? `:${value ?? 'VALUE'}:${isPath(value) ? '_files' : ' '}` : ''
      return quoted(`--${name}[${specified(option.help)}]${after}`)
    })
    const words = wordsOf(command)
    const rest = words.length === 0 ? quoted('*:file:_files') : quoted(`1:word:(${words.join(' ')})`)
    return `    ${command.name}) _arguments ${[...options, rest].join(' ')} ;;`
  })
  return `#compdef latchkey
_latchkey() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local name=$words[2]
  shift words
  (( CURRENT-- ))
  case $name in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _latchkey ]; then _latchkey "$@"; else compdef _latchkey latchkey; fi`
}

function fish(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => {
    const when = `-n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`
    const options = Object.entries(optionsOf(command)).map(([name, option]) => {
      const value = 'value' in option ? option.value : undefined
      const after = option.type === 'string' ? (isPath(value) ? ' -r -F' : ' -x') : ''
      return `complete -c latchkey ${when} -l ${name}${after} -d ${quoted(option.help)}`
    })
    const words = wordsOf(command).map((word) => `complete -c latchkey ${when} -f -a ${word}`)
    return [
      `complete -c latchkey -n __fish_use_subcommand -f -a ${command.name} -d ${quoted(command.summary)}`,
      ...words,
      ...options,
    ]
  })
  return ['# latchkey completion fish', ...lines].join('\n')
}
