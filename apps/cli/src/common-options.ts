import type { Command, CommandOption } from './command.ts'

/** What every command takes. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', help: 'one JSON object a line on stdout, for programs' },
  quiet: { type: 'boolean', short: 'q', help: 'print only the result, no notes' },
  'no-color': { type: 'boolean', help: 'no colours, as with NO_COLOR' },
  help: { type: 'boolean', short: 'h', help: 'show this' },
  version: { type: 'boolean', help: 'show the versions of Latchkey and of its protocol' },
} as const satisfies Readonly<Record<string, CommandOption>>

export const optionsOf = (command: Command): Readonly<Record<string, CommandOption>> => ({
  ...command.options,
  ...COMMON_OPTIONS,
})
