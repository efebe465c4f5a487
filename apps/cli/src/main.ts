#!/usr/bin/env node
import { SECRET_NAMES } from '@latchkey/broker/config/secret-sources'
import { nearest } from '@latchkey/broker/config/suggestion'
import { exposureNote, ownEnvironment } from '@latchkey/runner/own-environment'
import { readArguments } from './arguments.ts'
import type { Command, Invocation } from './command.ts'
import { COMMANDS } from './commands.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { helpFor, helpForAll } from './help.ts'
import { installation } from './installation.ts'
import { mannerOf } from './manner.ts'
import { outputOf, witnessed } from './output.ts'
import { nameOwnCommand, ownCommand } from './own-command.ts'
import { runCommand } from './run/run.ts'
import { upCommand } from './up/up.ts'
import { versionLine } from './version.ts'

/** Their processes have terminals for children: a secret in their environment would be read there. */
const OWN_TERMINALS: readonly Command[] = [upCommand, runCommand]

/** Ends with the exit code once everything printed has left: a pipe that is closed early must not lose the last line. */
async function main(args: readonly string[]): Promise<void> {
  // The reader of our output has closed it (`latchkey --json | head -1`): end without a message.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(EXIT.failed))
  const { stdin, stdout, stderr, env } = process
  nameOwnCommand(ownCommand({ env, cwd: process.cwd(), here: installation() }))
  const manner = mannerOf({
    switches: switchesIn(args),
    env,
    stdinIsTerminal: stdin.isTTY === true,
    stderrIsTerminal: stderr.isTTY === true,
  })
  const { output, sayRefused } = witnessed(outputOf(manner, stdout, stderr))
  const exitCode = await answer(args, { env, manner, stdin, stdout, stderr, ...output })
  sayRefused(exitCode)
  process.exitCode = exitCode
  await Promise.all([stdout, stderr].map(drained))
  process.exit()
}

/** What an invocation is before its arguments are read. */
type Shell = Omit<Invocation, 'text' | 'on' | 'words'>

async function answer(args: readonly string[], shell: Shell): Promise<ExitCode> {
  const [first] = args
  const isWord = first !== undefined && !first.startsWith('-')
  if (first === 'help') return helpOn(args[1], shell)
  // Before a command is named, these two are about the whole.
  if (!isWord && (args.includes('--help') || args.includes('-h'))) return printed(helpForAll(COMMANDS), shell)
  if (args.includes('--version')) return printed(versionLine, shell)

  const command = isWord ? COMMANDS.find(({ name }) => name === first) : upCommand
  if (command === undefined) return unknownCommand(first ?? '', shell)
  const read = readArguments(command, isWord ? args.slice(1) : args)
  if (!read.ok) {
    for (const problem of read.problems) shell.complain(problem)
    shell.complain(`To list the options: latchkey ${command.name} --help`)
    return EXIT.badUsage
  }
  if (read.switches.has('help')) return printed(helpFor(command), shell)
  const { env, exposed } = OWN_TERMINALS.includes(command)
    ? ownEnvironment(process.env, SECRET_NAMES)
    : { env: shell.env, exposed: [] }
  if (exposed.length > 0) shell.complain(exposureNote(exposed))
  return command.run({
    ...shell,
    env,
    text: (option) => read.texts.get(option),
    on: (option) => read.switches.has(option),
    words: read.words,
  })
}

/** The switches that say how to print, also where the arguments as a whole cannot be read. */
const switchesIn = (args: readonly string[]): ReadonlySet<string> =>
  new Set(args.flatMap((each) => (each === '-q' ? ['quiet'] : each.startsWith('--') ? [each.slice(2)] : [])))

function printed(text: string, { print }: Shell): ExitCode {
  print(text)
  return EXIT.ended
}

function helpOn(name: string | undefined, shell: Shell): ExitCode {
  if (name === undefined) return printed(helpForAll(COMMANDS), shell)
  const command = COMMANDS.find((one) => one.name === name)
  return command === undefined ? unknownCommand(name, shell) : printed(helpFor(command), shell)
}

/** What people type that know other programs. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  devices: 'apps',
  list: 'ps',
  ls: 'ps',
  logs: 'service logs',
  connect: 'attach',
  ssh: 'attach',
  start: 'up',
  share: 'up',
  qr: 'code',
  pair: 'code',
}

function unknownCommand(typed: string, { complain }: Shell): ExitCode {
  const names = COMMANDS.map(({ name }) => name)
  const meant = OTHER_WORDS[typed] ?? nearest(typed, names)
  const hint = meant === null ? `There are: ${names.join(', ')}.` : `Did you mean "latchkey ${meant}"?`
  complain(`There is no command "${typed}". ${hint}`)
  return EXIT.badUsage
}

const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve())
  })

await main(process.argv.slice(2))
