import { createInterface, type Interface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { consoleEvent } from '@latchkey/protocol/console'
import { cancelReply, type PairingView, startReply, verifyReply } from '@latchkey/protocol/device-pairing'
import { installLine, installReply, lineText } from '@latchkey/protocol/install'
import { printable } from '@latchkey/protocol/printable'
import type { Command, Invocation } from '../command.ts'
import { dataDirOf, dataDirOption, trustOwnBroker } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { askOperator } from '../status/overview.ts'
import { untilStopped } from '../up/stop-signals.ts'
import { readUpFile, type UpFile } from '../up/up-file.ts'

const LOOK_EVERY_MS = 500
/** The broker packs its release when it is first asked: seconds, and more on a slow machine. */
const ANSWER_WITHIN_MS = 120_000
const PIN = /^[0-9]{6}$/

export const addCommand: Command = {
  name: 'add',
  summary: 'add another machine: prints a line that installs Latchkey there and joins this broker',
  words: '',
  wordsMax: 0,
  examples: [
    { line: 'latchkey add', does: 'prints the line, then asks for the PIN that the other machine shows' },
    { line: 'latchkey add --json', does: 'for a program: the line as JSON; the PIN is read from stdin' },
    { line: 'latchkey status', does: 'which machines this broker has' },
  ],
  options: { 'data-dir': dataDirOption('the folder of the broker on this machine') },
  run: add,
}

/** One join URL of this broker, from its making to its end. */
interface Added {
  readonly up: UpFile
  readonly token: string
  readonly id: string
}

async function add(call: Invocation): Promise<ExitCode> {
  trustOwnBroker(call)
  const up = readUpFile(dataDirOf(call))
  if (up === null) {
    call.complain('No broker runs on this machine. Start one with: latchkey up')
    return EXIT.brokerUnreachable
  }
  const told = await ask(call, up, 'GET', '/operator/install', installReply)
  if (!told.ok) return refused(call, told.detail)
  const started = await ask(call, up, 'POST', '/pairing/start', startReply, {})
  if (!started.ok) return refused(call, started.detail)
  const { token, id, qr_url, expiresAt, serverTime } = started.told
  const joinUrl = `${up.url.replace(/\/$/, '')}/join${new URL(qr_url).hash}`
  const line = lineText(installLine(up.url, told.told.scriptHash, joinUrl))
  call.emit({ event: 'line', line, joinUrl, ...told.told, expiresAt: Date.now() + (expiresAt - serverTime) })
  if (!call.manner.json) {
    call.say('Run this on the other machine. It is good once, for five minutes:')
    call.say('')
    call.print(line)
    call.say('')
    call.say(
      `It fetches Latchkey ${told.told.version} from this broker (${megabytes(told.told.tarballBytes)}), checks its hash, puts it into the home folder, and joins.`,
    )
    if (/^https?:\/\/(localhost|127\.|\[::1\])/.test(up.url))
      call.say('This broker listens on this machine alone: another machine needs it without --local.')
    call.say('Waiting for the other machine…')
  }
  return follow(call, { up, token, id })
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

const ask = <T>(
  call: Invocation,
  up: UpFile,
  method: 'GET' | 'POST',
  path: string,
  schema: Parameters<typeof askOperator<T>>[4],
  body: object | null = null,
) =>
  askOperator(up, call.env['LATCHKEY_OPERATOR_SECRET'], method, path, schema, {
    ...(body === null ? {} : { body }),
    withinMs: ANSWER_WITHIN_MS,
  })

function refused(call: Invocation, detail: string): ExitCode {
  call.emit({ event: 'refused', detail })
  call.complain(`No machine can be added now: ${detail}.`)
  return EXIT.refused
}

/** Asks for the PIN once the machine shows one, until it has joined or the join URL has ended. */
async function follow(call: Invocation, added: Added): Promise<ExitCode> {
  let pins: Interface | null = null
  let end: (exitCode: ExitCode) => void = () => {}
  let open = true
  const ended = new Promise<ExitCode>((resolve) => {
    end = (exitCode) => {
      open = false
      resolve(exitCode)
    }
  })
  const watch = async (): Promise<void> => {
    while (open) {
      const view = await viewOf(call, added)
      if (view?.status === 'registered') return end(joined(call, view.device?.name ?? ''))
      if (view?.status === 'failed') return end(failed(call, view.reason))
      if (view?.status === 'connected') pins ??= askPin(call, added, view)
      await pause(LOOK_EVERY_MS)
    }
  }
  void watch()
  const cancel = (exitCode: ExitCode) =>
    void ask(call, added.up, 'POST', '/pairing/cancel', cancelReply, { id: added.id }).then(() =>
      end(exitCode),
    )
  const exitCode = await untilStopped(ended, {
    onInterrupt: () => cancel(EXIT.interrupted),
    onTerminate: () => cancel(EXIT.failed),
    onExit: () => {},
  })
  closeAfter(pins)
  return exitCode
}

const closeAfter = (pins: Interface | null): void => pins?.close()

/** How the broker lists this pairing; null while it does not answer. */
async function viewOf(call: Invocation, { up, id }: Added): Promise<PairingView | null> {
  const asked = await ask(call, up, 'GET', '/operator/overview', consoleEvent)
  return asked.ok ? (asked.told.pairings?.find((each) => each.id === id) ?? null) : null
}

function askPin(call: Invocation, { up, token }: Added, { device }: PairingView): Interface {
  const name = printable(device?.name ?? '')
  call.emit({ event: 'pin-wanted', name, address: device?.address ?? '' })
  call.say(`${name} asks to join, from ${printable(device?.address ?? '')} (as reported by the broker).`)
  const lines = createInterface({ input: call.stdin, terminal: false })
  const prompt = () => call.ask(`PIN on its screen (6 digits; Ctrl-C if it is not yours): `)
  lines.on('line', (line) => {
    const pin = line.replaceAll(/[\s-]/g, '')
    if (!PIN.test(pin)) return prompt()
    // What the right PIN leads to is told by the broker's list.
    void ask(call, up, 'POST', '/pairing/verify', verifyReply, { token, pin }).then((answer) => {
      if (answer.ok) return
      call.complain(`That PIN was refused: ${answer.detail}.`)
      prompt()
    })
  })
  prompt()
  return lines
}

function joined(call: Invocation, name: string): ExitCode {
  call.emit({ event: 'added', name })
  call.say(`${printable(name)} has joined.`)
  return EXIT.ended
}

function failed(call: Invocation, reason: PairingView['reason']): ExitCode {
  call.emit({ event: 'refused', detail: reason ?? 'failed' })
  const why = reason === 'too-many-attempts' ? 'too many PINs were wrong' : 'its time is over'
  call.complain(
    `No machine joined: ${reason === 'cancelled' ? 'it was cancelled' : why}. For a new line: latchkey add`,
  )
  return EXIT.refused
}
