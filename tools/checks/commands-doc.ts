import { usageOf } from '../../apps/cli/src/arguments.ts'
import type { Command, CommandOption } from '../../apps/cli/src/command.ts'
import { COMMANDS } from '../../apps/cli/src/commands.ts'
import { COMMON_OPTIONS } from '../../apps/cli/src/common-options.ts'
import { EXIT_CODES } from '../../apps/cli/src/help.ts'

const INTRODUCTION = `# Commands

Written by \`npm run fix\` from the commands' own help. \`latchkey man\` prints the same as a manual page, and
\`latchkey completion bash\` (or \`zsh\`, \`fish\`) the completion.

With \`--json\` standard output has one object a line, also for refusals; text for people goes to standard error.
Exit codes: ${EXIT_CODES}.
`

/** The options that are settings of the broker are in their own document. */
const SETTINGS_FROM = 20

const cell = (text: string): string => text.replaceAll('|', '\\|')

function optionRows(options: Readonly<Record<string, CommandOption>>): readonly string[] {
  const rows = Object.entries(options).map(([name, option]) => {
    const short = option.short === undefined ? '' : `\`-${option.short}\`, `
    const value = option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : ''
    return `| ${short}\`--${name}${cell(value)}\` | ${cell(option.help)} |`
  })
  return rows.length === 0 ? [] : ['| option | does |', '| --- | --- |', ...rows, '']
}

function sectionOf(command: Command): readonly string[] {
  const options =
    Object.keys(command.options).length > SETTINGS_FROM
      ? ['Options: all [settings](settings.md) with a flag, and those of every command.', '']
      : optionRows(command.options)
  return [
    `## latchkey ${command.name}`,
    '',
    `${command.summary[0]?.toUpperCase() ?? ''}${command.summary.slice(1)}.`,
    '',
    '```sh',
    usageOf(command),
    '```',
    '',
    ...command.examples.map(({ line, does }) => `- \`${line}\`: ${does}`),
    '',
    ...options,
  ]
}

/** `docs/commands.md`: every command with its examples and options. */
export const commandsDocument = (): string =>
  `${[INTRODUCTION, ...COMMANDS.flatMap(sectionOf), '## Options of every command', '', ...optionRows(COMMON_OPTIONS)].join('\n').trimEnd()}\n`
