import { usageOf } from './arguments.ts'
import type { Command, CommandOption } from './command.ts'
import { COMMON_OPTIONS } from './common-options.ts'
import { inOwnWords } from './own-command.ts'
import { wrapped } from './up/text-width.ts'

const LINE_COLUMNS = 96
const LEFT_COLUMNS_MAX = 44

/** The network calls of this program. */
export const PROMISE = 'No network call but to the broker you name or start; no telemetry.'
const DOCUMENTS = 'Documents: README.md and docs/ of this repository.'
/** What scripts may rely on. */
export const EXIT_CODES =
  '0 ended, 1 failed, 2 bad usage or settings, 3 no broker there, 4 refused, 5 too old, 130 interrupted'

/** `latchkey --help`: three examples, then the commands. */
export function helpForAll(commands: readonly Command[]): string {
  const examples = [
    { line: 'latchkey', does: 'show a pairing code for this machine' },
    { line: 'latchkey attach K7M-2PQ-X3B', does: 'open a paired terminal from another machine' },
    { line: 'latchkey status', does: 'what runs here, and which apps are connected' },
  ]
  return [
    'Latchkey pairs your phone with your machine: a code here, typed there, opens a terminal.',
    '',
    ...columns(examples.map(({ line, does }) => [inOwnWords(line), does])),
    '',
    'Commands:',
    ...columns(commands.map((command) => [command.name, command.summary])),
    '',
    'Every command:',
    ...columns(optionRows(COMMON_OPTIONS)),
    '',
    `Exit codes: ${EXIT_CODES}`,
    PROMISE,
    DOCUMENTS,
  ].join('\n')
}

/** `latchkey NAME --help`. */
export function helpFor(command: Command): string {
  return [
    ...columns(command.examples.map(({ line, does }) => [inOwnWords(line), does])),
    '',
    `${command.summary[0]?.toUpperCase() ?? ''}${command.summary.slice(1)}.`,
    '',
    inOwnWords(`Usage: ${usageOf(command)}`),
    '',
    ...columns([...optionRows(command.options), ...optionRows(COMMON_OPTIONS)]),
    '',
    `Exit codes: ${EXIT_CODES}`,
    DOCUMENTS,
  ].join('\n')
}

const optionRows = (options: Readonly<Record<string, CommandOption>>): (readonly [string, string])[] =>
  Object.entries(options).map(([name, option]) => {
    const short = option.short === undefined ? '    ' : `-${option.short}, `
    const value = option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : ''
    return [`${short}--${name}${value}`, option.help]
  })

/** Two columns; a long text on the right wraps inside its column. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(Math.max(...rows.map(([left]) => left.length)), LEFT_COLUMNS_MAX)
  return rows.flatMap(([left, right]) => {
    const [first = '', ...rest] = wrapped(right, LINE_COLUMNS - width - 5)
    const indent = ' '.repeat(width + 5)
    // A call that leaves no room beside it has its explanation below.
    const head =
      left.length > width ? [`  ${left}`, `      ${first}`] : [`  ${left.padEnd(width)}   ${first}`]
    return [...head, ...rest.map((line) => (left.length > width ? `      ${line}` : indent + line))]
  })
}
