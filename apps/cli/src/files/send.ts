import { resolve } from 'node:path'
import { type AppFiles, appFiles } from '@latchkey/connection/app/app-files'
import type { AppLink } from '@latchkey/connection/app/link'
import type { Sending, SendingState } from '@latchkey/connection/app/sending-file'
import { printable } from '@latchkey/protocol/printable'
import { machineOf, withMachine } from '../attach/with-machine.ts'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { begunSend } from './begun-sends.ts'
import { amount, fileOptions, noFiles, Progress, terminalOf } from './file-options.ts'
import { nodeDigest, type OwnFile, openOwnFile } from './node-files.ts'
import { typePath } from './type-path.ts'

export const sendCommand: Command = {
  name: 'send',
  summary: 'send a file to another machine, into the folder of a terminal',
  words: 'FILE [TERMINAL]',
  wordsMax: 2,
  examples: [
    { line: 'latchkey send screenshot.png', does: 'into .latchkey, where its first terminal is' },
    { line: 'latchkey send screenshot.png codex --type', does: 'and its path at the cursor of "codex"' },
    { line: 'latchkey send dump.sql --machine forge --here', does: 'into the working folder itself' },
  ],
  options: {
    type: { type: 'boolean', help: 'type the path in the terminal, as a paste, without Enter' },
    here: { type: 'boolean', help: "into the terminal's working folder, instead of .latchkey in it" },
    ...fileOptions,
  },
  run: send,
}

async function send(call: Invocation): Promise<ExitCode> {
  const [path, terminal] = call.words
  if (path === undefined) {
    call.complain('Say which file: latchkey send FILE [TERMINAL].')
    return EXIT.badUsage
  }
  const file = await openOwnFile(path)
  if (typeof file === 'string') {
    call.complain(file)
    return EXIT.badUsage
  }
  try {
    const machine = machineOf(call, call.text('machine'))
    if (typeof machine === 'number') return machine
    const files = appFiles({ newDigest: nodeDigest, nowMs: () => performance.now() })
    return await withMachine(call, machine, [files.feature], (link) =>
      sendTo(call, { link, files, file, path, terminal }),
    )
  } finally {
    await file.close()
  }
}

async function sendTo(
  call: Invocation,
  what: {
    readonly link: AppLink
    readonly files: AppFiles
    readonly file: OwnFile
    readonly path: string
    readonly terminal: string | undefined
  },
): Promise<ExitCode> {
  const { link, files, file, path } = what
  const terminal = terminalOf(link, what.terminal)
  const problem = typeof terminal === 'string' ? terminal : noFiles(link, files)
  if (problem !== null || typeof terminal === 'string') {
    call.complain(problem ?? '')
    return EXIT.refused
  }
  const into = call.on('here') ? 'working' : 'own'
  const machine = link.pairing.current?.runnerId ?? ''
  const begun = begunSend(dataDirOf(call), [machine, resolve(path), file.mark, String(terminal), into])
  const sending = files.send({ key: begun.key, source: file.source, terminal, into })
  const ended = await endOf(call, link, sending)
  if (ended.status === 'canceled') return EXIT.failed
  begun.arrived()
  if (ended.status === 'refused') {
    call.complain(`${printable(sending.name)} was not sent. ${printable(ended.message, 600)}`)
    return EXIT.refused
  }
  const typed = call.on('type') && terminal !== null && (await typePath(link, terminal, ended.path))
  call.emit({ event: 'sent', path: ended.path, bytes: sending.bytes, typed })
  call.say(`Sent ${amount(sending.bytes)}.${typed ? ' Its path is typed.' : ''}`)
  if (call.on('type') && !typed)
    call.complain('Its path could not be typed: the terminal, or this app, does not let it.')
  if (!call.manner.json) call.print(printable(ended.path, 4_096))
  return EXIT.ended
}

type Ended = Extract<SendingState, { readonly status: 'done' | 'refused' | 'canceled' }>

/** Waits for the end of a file, and shows how far it is. A pairing that ends, ends it. */
function endOf(call: Invocation, link: AppLink, sending: Sending): Promise<Ended> {
  const progress = new Progress(call, sending.bytes)
  return new Promise((resolve) => {
    const look = (state: SendingState) => {
      if (state.status === 'waiting' || state.status === 'sending')
        return progress.at(state.have, state.status === 'waiting')
      progress.end()
      for (const stop of stops) stop()
      resolve(state)
    }
    const stops = [
      sending.state.subscribe(look),
      link.state.subscribe(({ status }) => {
        if (status !== 'ended' && status !== 'unpaired') return
        call.complain('The pairing with the machine has ended. Pair again: latchkey attach CODE.')
        sending.cancel()
      }),
    ]
    look(sending.state.current)
  })
}
