#!/usr/bin/env node
import { readArguments } from './arguments.ts'
import { attachCommand } from './attach/attach.ts'
import type { Command, Invocation } from './command.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { helpFor, helpForAll } from './help.ts'
import { joinCommand } from './join/join.ts'
import { mannerOf } from './manner.ts'
import { appsCommand, lockCommand, pinCommand, revokeCommand, unlockCommand } from './owner/owner-commands.ts'
import { runCommand } from './run/run.ts'
import { statusCommand } from './status/status.ts'
import { nearest } from './suggestion.ts'
import { upCommand } from './up/up.ts'
import { versionLine } from './version.ts'

const COMMANDS: readonly Command[] = [
  upCommand,
  runCommand,
  attachCommand,
  joinCommand,
  statusCommand,
  appsCommand,
  revokeCommand,
  lockCommand,
  unlockCommand,
  pinCommand,
]

/** Ends with the exit code once everything printed has left: a pipe that is closed early must not lose the last line. */
async function main(args: readonly string[]): Promise<void> {
  // Whoever read our output has gone (`latchkey --json | head -1`): nothing is left to be said.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(EXIT.failed))
  process.exitCode = await answer(args)
  await Promise.all([process.stdout, process.stderr].map(drained))
  process.exit()
}

async function answer(args: readonly string[]): Promise<ExitCode> {
  const [first] = args
  const isWord = first !== undefined && !first.startsWith('-')
  if (first === 'help') return helpOn(args[1])
  // Before a command is named, these two are about the whole.
  if (!isWord && (args.includes('--help') || args.includes('-h'))) return printed(helpForAll(COMMANDS))
  if (args.includes('--version')) return printed(versionLine)

  const command = isWord ? COMMANDS.find(({ name }) => name === first) : upCommand
  if (command === undefined) return unknownCommand(first ?? '')
  const read = readArguments(command, isWord ? args.slice(1) : args)
  if (!read.ok) {
    for (const problem of read.problems) process.stderr.write(`${problem}\n`)
    process.stderr.write(`latchkey ${command.name} --help shows what there is.\n`)
    return EXIT.badUsage
  }
  if (read.switches.has('help')) return printed(helpFor(command))
  return command.run(invocation(read))
}

function invocation(read: {
  readonly texts: ReadonlyMap<string, string>
  readonly switches: ReadonlySet<string>
  readonly words: readonly string[]
}): Invocation {
  const { stdin, stdout, stderr, env } = process
  const manner = mannerOf({
    switches: read.switches,
    env,
    stdinIsTerminal: stdin.isTTY === true,
    stderrIsTerminal: stderr.isTTY === true,
  })
  return {
    text: (option) => read.texts.get(option),
    on: (option) => read.switches.has(option),
    words: read.words,
    env,
    manner,
    stdin,
    stdout,
    stderr,
    say: (line) => manner.quiet || stderr.write(`${line}\n`),
    complain: (line) => stderr.write(`${line}\n`),
    emit: (event) => manner.json && stdout.write(`${JSON.stringify(event)}\n`),
  }
}

function printed(text: string): ExitCode {
  process.stdout.write(`${text}\n`)
  return EXIT.ended
}

function helpOn(name: string | undefined): ExitCode {
  if (name === undefined) return printed(helpForAll(COMMANDS))
  const command = COMMANDS.find((one) => one.name === name)
  return command === undefined ? unknownCommand(name) : printed(helpFor(command))
}

function unknownCommand(typed: string): ExitCode {
  const names = COMMANDS.map(({ name }) => name)
  const meant = nearest(typed, names)
  const hint = meant === null ? `There are: ${names.join(', ')}.` : `Did you mean "latchkey ${meant}"?`
  process.stderr.write(`There is no command "${typed}". ${hint}\n`)
  return EXIT.badUsage
}

const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve())
  })

await main(process.argv.slice(2))
