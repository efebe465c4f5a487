import type { Command, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { orderRunner } from '../owner/ask-runner.ts'
import { inOrder, psLines } from './ps-lines.ts'

export const psCommand: Command = {
  name: 'ps',
  summary: 'what each terminal of this machine is doing, and which need you',
  words: '',
  wordsMax: 0,
  examples: [
    {
      line: 'latchkey ps',
      does: 'state, since when, name, program, folder, title, last line; those that need you first',
    },
    { line: 'latchkey ps --json', does: 'the same for a program' },
    { line: 'latchkey ps -q && echo yes', does: 'only the exit code: 1 when no terminal needs you' },
  ],
  options: { 'data-dir': dataDirOption('whose runner to ask') },
  run: (call) => ps(call),
}

const ps = (call: Invocation): Promise<ExitCode> =>
  orderRunner(call, { command: 'terminals' }, ({ terminals = [] }) => {
    const listed = inOrder(terminals)
    call.emit({ event: 'ps', terminals: listed })
    const needsYou = listed.some(({ state }) => state === 'needs-you')
    if (call.manner.quiet) return needsYou ? EXIT.ended : EXIT.failed
    if (call.manner.json) return EXIT.ended
    if (listed.length === 0) call.say('No terminal is open here.')
    else call.print(psLines(listed, Date.now()).join('\n'))
    return EXIT.ended
  })
