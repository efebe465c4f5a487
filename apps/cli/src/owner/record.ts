import type { Command, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { orderRunner } from './ask-runner.ts'
import { exportRecording, showRecordings, verifyFile } from './recording-files.ts'

export const recordCommand: Command = {
  name: 'record',
  summary: 'record a terminal of this machine; list, export and verify recordings',
  words: 'TERMINAL | list | export NAME [FILE] | verify FILE',
  wordsMax: 3,
  examples: [
    { line: 'latchkey record build', does: 'begin; each app sees that it runs. --stop build ends it' },
    {
      line: 'latchkey record export NAME build.cast',
      does: 'asciicast v3; latchkey record list shows the names',
    },
    { line: 'latchkey record verify build.cast', does: 'whether every line is as this machine wrote it' },
  ],
  options: {
    stop: { type: 'boolean', help: 'end the recording of TERMINAL' },
    runner: {
      type: 'string',
      value: 'ID',
      help: 'with verify: the id of the machine that must have made it; by default this one',
    },
    'data-dir': dataDirOption('whose runner to ask'),
  },
  run: record,
}

const USAGE =
  'Say which terminal: latchkey record TERMINAL. Or: latchkey record list, export NAME [FILE], verify FILE.'

async function record(call: Invocation): Promise<ExitCode> {
  const [first, second, third] = call.words
  if (first === undefined) return badUsage(call)
  if (call.on('stop')) return second === undefined ? order(call, first, false) : badUsage(call)
  if (first === 'list') return second === undefined ? showRecordings(call) : badUsage(call)
  if (first === 'export') return second === undefined ? badUsage(call) : exportRecording(call, second, third)
  if (first === 'verify')
    return second === undefined || third !== undefined ? badUsage(call) : verifyFile(call, second)
  return second === undefined ? order(call, first, true) : badUsage(call)
}

function badUsage(call: Invocation): ExitCode {
  call.complain(USAGE)
  return EXIT.badUsage
}

const order = (call: Invocation, terminal: string, on: boolean): Promise<ExitCode> =>
  orderRunner(call, { command: 'record', terminal, on }, ({ recordings = [] }) => {
    call.emit({ event: on ? 'recording' : 'recorded', recordings })
    if (recordings.length === 0) call.say('No recording of it runs.')
    for (const { name } of recordings) {
      if (on) call.say(`It is recorded as ${name}. End it with: latchkey record --stop "${terminal}"`)
      else call.say(`The recording ended. To get it: latchkey record export ${name}`)
    }
    return EXIT.ended
  })
