import type { ReadStream, WriteStream } from 'node:tty'
import type { ExitCode } from './exit-code.ts'

/** One option of a command. Secrets are never options: every user of the machine can read arguments. */
export interface CommandOption {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  /** the placeholder of the value in the help: `--port NUMBER` */
  readonly value?: string
  readonly help: string
  /** may be given several times: the values stand with commas in between */
  readonly isList?: boolean
}

export interface Example {
  readonly line: string
  readonly does: string
}

/** A word of the command line: `latchkey NAME`. */
export interface Command {
  readonly name: string
  /** one line, for the list of commands */
  readonly summary: string
  /** the words after the name, for the help: `CODE|LINK` */
  readonly words: string
  /** how many words without a dash it takes, at most */
  readonly wordsMax: number
  /** the help begins with these */
  readonly examples: readonly [Example, Example, Example]
  /** besides the common ones of common-options.ts */
  readonly options: Readonly<Record<string, CommandOption>>
  /** Runs to the end; the exit code is the answer. What it prints goes through `call`. */
  run(call: Invocation): Promise<ExitCode>
}

/** How to print, decided by flags, environment and terminal. */
export interface Manner {
  /** stdout has one JSON object per line, for a program */
  readonly json: boolean
  /** only the result, without notes */
  readonly quiet: boolean
  readonly color: boolean
  readonly qr: boolean
  /** stderr is a person's terminal that can redraw lines: a live screen, a countdown */
  readonly live: boolean
  /** keys can be read as they are pressed: stdin is a terminal too */
  readonly keys: boolean
}

/** One call of a command: its options and words, and its outputs. */
export interface Invocation {
  /** the text of a string option, undefined when it was not given */
  readonly text: (option: string) => string | undefined
  /** whether a boolean option was given */
  readonly on: (option: string) => boolean
  /** the words without a dash, in order */
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly manner: Manner
  readonly stdin: NodeJS.ReadStream | ReadStream
  readonly stdout: NodeJS.WriteStream | WriteStream
  readonly stderr: NodeJS.WriteStream | WriteStream
  /** A line for people, on stderr; nothing when `--quiet`. */
  readonly say: (line: string) => void
  /** A problem in one or more lines, on stderr, in every manner. Name the problem and the next step. */
  readonly complain: (line: string) => void
  /** One or more lines that were asked for, on stdout, for people and scripts alike. */
  readonly print: (line: string) => void
  /** One line with colours, on stdout. Clean what others chose with `printable` before it is painted. */
  readonly draw: (line: string) => void
  /** A question on stderr; the answer is typed behind it. */
  readonly ask: (question: string) => void
  /** What a program that this one started has printed, on stderr, with the line ends that it has. */
  readonly pass: (text: string) => void
  /** A line for programs, on stdout: JSON, when `--json`; nothing otherwise. */
  readonly emit: (event: { readonly event: string } & Readonly<Record<string, unknown>>) => void
}
