import type { AppLink, OpenedTerminal } from '@latchkey/connection/app/link'
import { assertNever } from '@latchkey/domain/kernel'
import { printable } from '@latchkey/protocol/printable'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { Command, Invocation } from '../command.ts'
import { dataDirOption } from '../data-dir.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { forwardOptions, portsOf, stayForwarding, type WantedPorts } from '../ports/forwarding.ts'
import { windowSize } from '../window-size.ts'
import { type Parted, stayAttached } from './attached.ts'
import { DETACH_HINT } from './detach-keys.ts'
import { sealRefusalWords } from './seal-refusal-words.ts'
import { machineOf, type WantedMachine, withMachine } from './with-machine.ts'

export const attachCommand: Command = {
  name: 'attach',
  summary: 'use a terminal of another machine from this one',
  words: '[CODE | LINK | MACHINE]',
  wordsMax: 1,
  examples: [
    {
      line: 'latchkey attach K7M-2PQ-X3B --broker https://broker.example',
      does: 'pair by the code it shows',
    },
    { line: 'latchkey attach forge -L 5173', does: 'its terminal, and its port 5173 at localhost:5173' },
    { line: 'echo uptime | latchkey attach forge', does: 'type the pipe into a new shell, then Ctrl-D' },
  ],
  options: {
    broker: {
      type: 'string',
      value: 'URL',
      help: 'the broker of the machine; by default the one on this machine',
    },
    terminal: {
      type: 'string',
      value: 'NAME|N',
      help: 'which terminal; a new one if no name matches. At the end of a pipe it stays open',
    },
    view: { type: 'boolean', help: 'watch, without typing' },
    ...forwardOptions,
    'allow-unsealed': {
      type: 'boolean',
      help: 'allow a machine that does not seal; the broker can read such a terminal',
    },
    'data-dir': dataDirOption('where known machines are kept'),
  },
  run: attach,
}

async function attach(call: Invocation): Promise<ExitCode> {
  const wanted = portsOf(call)
  if (typeof wanted === 'number') return wanted
  const found = machineOf(call, call.words[0])
  if (typeof found === 'number') return found
  try {
    return await attachTo(call, found, wanted)
  } finally {
    wanted?.ports.close()
  }
}

async function attachTo(
  call: Invocation,
  machine: WantedMachine,
  wanted: WantedPorts | null,
): Promise<ExitCode> {
  const features = wanted === null ? [] : [wanted.ports.feature]
  return withMachine(call, machine, features, async (link, uninterrupted) => {
    const problem = (await wanted?.listen(link)) ?? null
    if (problem !== null) {
      call.complain(problem)
      return EXIT.refused
    }
    if (call.on('no-terminal')) return stayForwarding(call, link)
    const chosen = await choose(call, link)
    if (chosen.status === 'refused') {
      call.complain(`The machine opened no terminal: ${printable(chosen.message, 300)}.`)
      return EXIT.refused
    }
    uninterrupted()
    return stay(call, link, chosen)
  })
}

interface Chosen {
  readonly status: 'chosen'
  readonly terminal: number
  /** opened by this call, for this call */
  readonly own: boolean
}

/** The terminal that was asked for; else the first that lives, or a new one. A pipe gets one of its own. */
async function choose(
  call: Invocation,
  link: AppLink,
): Promise<Chosen | { readonly status: 'refused'; readonly message: string }> {
  const wanted = call.text('terminal')
  const living = link.terminals.current.filter(({ exit }) => exit === null)
  const piped = !call.stdin.isTTY && !call.on('view')
  const found = wanted === undefined ? (piped ? undefined : living[0]) : living.find(isCalled(wanted))
  if (found !== undefined) return { status: 'chosen', terminal: found.terminal, own: false }
  const opened: OpenedTerminal = await link.openTerminal({
    ...windowSize(call.stdout),
    ...(wanted === undefined ? {} : { name: wanted }),
  })
  return opened.ok
    ? { status: 'chosen', terminal: opened.terminal, own: wanted === undefined }
    : { status: 'refused', message: opened.message }
}

const isCalled = (wanted: string) => (info: TerminalInfo) =>
  info.name === wanted || String(info.terminal) === wanted

async function stay(call: Invocation, link: AppLink, { terminal, own }: Chosen): Promise<ExitCode> {
  const machine = printable(link.machine.current?.name ?? '')
  const sealed = link.sealed.current === true
  call.emit({ event: 'attached', machine, terminal, sealed })
  const who = sealed ? 'Sealed: the broker cannot read it.' : 'Not sealed: the broker can read this terminal.'
  call.say(`Attached to ${machine}, terminal ${terminal}. ${who}`)
  if (call.stdin.isTTY) call.say(`At the beginning of a line, ${DETACH_HINT} and ~? shows more.`)
  const parting = await stayAttached({ call, link, terminal, view: call.on('view'), ownTerminal: own })
  return parted(call, parting, machine)
}

function parted(call: Invocation, parting: Parted, machine: string): ExitCode {
  call.emit({ event: 'parted', ...parting })
  // The cursor is wherever the program left it.
  if (call.stderr.isTTY) call.say('')
  if (parting.clipboardWrites > 0)
    call.say('A program there tried to write to the clipboard. attach does not allow that.')
  const say = (line: string) => call.say(line)
  switch (parting.why) {
    case 'exited':
      say(`The program on ${machine} ended${parting.code === 0 ? '' : ` with code ${parting.code}`}.`)
      return EXIT.ended
    case 'closed':
      say(`The terminal on ${machine} was ended.`)
      return EXIT.ended
    case 'detached':
      say(`Detached. The program runs on; "latchkey attach" goes back to it.`)
      return EXIT.ended
    case 'interrupted':
      return EXIT.interrupted
    case 'refused':
      say(sealRefusalWords(parting.refusal))
      return EXIT.refused
    case 'lost':
      switch (parting.reason) {
        case 'unpaired':
          say(
            `The pairing with ${machine} has ended, and its terminals with it. A new code is on its screen.`,
          )
          return EXIT.failed
        case 'superseded':
          say('Another connection with the same credential took over. latchkey attach takes it back.')
          return EXIT.failed
        case 'version':
          say(`${machine} runs another version of Latchkey. Update the older of the two.`)
          return EXIT.versionTooOld
        case 'sealing-required':
          say(`${machine} accepts sealed connections only.`)
          return EXIT.refused
        case 'not-a-node':
          say('The broker no longer knows this device. Join again: latchkey join LINK.')
          return EXIT.refused
        case 'closed':
          return EXIT.ended
        default:
          return assertNever(parting.reason)
      }
    default:
      return assertNever(parting)
  }
}
