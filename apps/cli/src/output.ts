import { jsonLine, printableLines } from '@latchkey/protocol/printable'
import type { Invocation, Manner } from './command.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { inOwnWords } from './own-command.ts'
import { paintedOnly } from './up/paint.ts'

export type Output = Pick<Invocation, 'say' | 'complain' | 'emit' | 'print' | 'draw' | 'ask' | 'pass'>
type Stream = Pick<NodeJS.WriteStream, 'write'>

/**
 * Where everything that this program says in lines leaves it. Whatever a line was made of, no control character gets through:
 * a broker, an app or a machine that was given a name with an escape sequence in it draws nothing here. Commands that a line
 * names become ones that work here.
 */
export const outputOf = (manner: Pick<Manner, 'json' | 'quiet'>, stdout: Stream, stderr: Stream): Output => ({
  say: (line) => manner.quiet || stderr.write(`${printableLines(inOwnWords(line))}\n`),
  complain: (line) => stderr.write(`${printableLines(inOwnWords(line))}\n`),
  emit: (event) => manner.json && stdout.write(`${jsonLine(event)}\n`),
  print: (line) => stdout.write(`${printableLines(line)}\n`),
  draw: (line) => stdout.write(`${paintedOnly(inOwnWords(line))}\n`),
  ask: (question) => stderr.write(printableLines(question)),
  pass: (text) => stderr.write(printableLines(text)),
})

/**
 * `output`, and at the end one more event for programs where a command failed without one of its own: what it complained
 * about. So `--json` always answers, also when a command is refused before it begins.
 */
export function witnessed(output: Output): {
  readonly output: Output
  readonly sayRefused: (exitCode: ExitCode) => void
} {
  const problems: string[] = []
  let hasEmitted = false
  return {
    output: {
      ...output,
      complain: (line) => {
        problems.push(line)
        output.complain(line)
      },
      emit: (event) => {
        hasEmitted = true
        output.emit(event)
      },
    },
    sayRefused: (exitCode) => {
      if (exitCode !== EXIT.ended && !hasEmitted) output.emit({ event: 'refused', exitCode, problems })
    },
  }
}
