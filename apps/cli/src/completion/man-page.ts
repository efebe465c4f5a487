import { usageOf } from '../arguments.ts'
import type { Command, CommandOption } from '../command.ts'
import { COMMON_OPTIONS } from '../common-options.ts'
import { EXIT_CODES, PROMISE } from '../help.ts'

/** The manual, section 1, in man(7): made from the help of the commands. */
export function manPage(commands: readonly Command[], version: string): string {
  return [
    `.TH LATCHKEY 1 "" "Latchkey ${roff(version)}" "User Commands"`,
    '.SH NAME',
    'latchkey \\- your machine\\(aqs terminal, on your phone, through a broker that you host yourself',
    '.SH SYNOPSIS',
    ...commands.flatMap((command) => ['.B ' + roff(usageOf(command)), '.br']),
    '.SH DESCRIPTION',
    'Latchkey pairs your phone with your machine: a code here, typed there, opens a terminal.',
    roff(PROMISE),
    '.SH COMMANDS',
    ...commands.flatMap(manOf),
    '.SH OPTIONS OF EVERY COMMAND',
    ...optionsIn(COMMON_OPTIONS),
    '.SH EXIT STATUS',
    roff(`${EXIT_CODES}.`),
    '.SH FILES',
    '.TP',
    '.I ~/.local/state/latchkey',
    'The data folder: database, keys and secrets, for its owner alone.',
  ].join('\n')
}

const manOf = (command: Command): readonly string[] => [
  `.SS ${roff(usageOf(command))}`,
  roff(`${command.summary[0]?.toUpperCase() ?? ''}${command.summary.slice(1)}.`),
  ...optionsIn(command.options),
  '.PP',
  ...command.examples.flatMap(({ line, does }) => ['.TP', `.B ${roff(line)}`, roff(does)]),
]

const optionsIn = (options: Readonly<Record<string, CommandOption>>): readonly string[] =>
  Object.entries(options).flatMap(([name, option]) => {
    const short = option.short === undefined ? '' : `-${option.short}, `
    const value = option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : ''
    return ['.TP', `.B ${roff(`${short}--${name}${value}`)}`, roff(option.help)]
  })

/** Text in which roff sees no requests and no escapes. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('’', '\\(cq')
    .replaceAll('…', '...')
    .replace(/^\./, '\\&.')
