import type { AppLink } from '@latchkey/connection/app/link'
import { printable } from '@latchkey/protocol/printable'
import type { CommandOption, Invocation } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { AppPorts } from './app-ports.ts'
import { readForwards } from './forward-words.ts'

const SENTENCE_CHARS_MAX = 512

export const forwardOptions: Readonly<Record<string, CommandOption>> = {
  local: {
    type: 'string',
    short: 'L',
    value: '[ADDR:]PORT[:HOST:PORT]',
    isList: true,
    help: 'a port of this computer that leads to one of the machine; may be given several times',
  },
  remote: { type: 'string', short: 'R', value: 'PORT', help: 'not offered, unlike in ssh; see -L' },
  'no-terminal': { type: 'boolean', short: 'N', help: 'with -L: no terminal, only ports, until Ctrl-C' },
}

/** The ports that a call wants; null for none, an exit code when they cannot be had, and the problem was said. */
export function portsOf(call: Invocation): WantedPorts | null | ExitCode {
  const problem = problemOf(call)
  if (problem !== null) {
    call.complain(problem)
    return EXIT.badUsage
  }
  const text = call.text('local')
  const forwards = text === undefined ? null : readForwards(text)
  if (forwards === null || typeof forwards === 'string') return null
  const said = new Set<string>()
  const ports = new AppPorts((message) => {
    const sentence = printable(message, SENTENCE_CHARS_MAX)
    call.emit({ event: 'port-refused', message: sentence })
    // A browser tries again and again; once is enough. A terminal in use is not written over.
    if (!said.has(sentence) && call.on('no-terminal')) call.complain(sentence)
    said.add(sentence)
  })
  return {
    ports,
    listen: async (link) => {
      if (!ports.isOffered)
        return `${printable(link.machine.current?.name ?? 'The machine')} opens no ports: its Latchkey is older, or its owner switched it off.`
      for (const forward of forwards) {
        const listening = await ports.listen(forward)
        if (typeof listening === 'string') return listening
        const { port } = listening
        call.emit({ event: 'listening', port, host: forward.toHost, to: forward.toPort })
        call.say(`http://localhost:${port} is port ${forward.toPort} of ${forward.toHost} there.`)
      }
      return null
    },
  }
}

export interface WantedPorts {
  readonly ports: AppPorts
  /** Listens for all of them; a sentence when one cannot be had. */
  listen(link: AppLink): Promise<string | null>
}

/** Carries ports until Ctrl-C, or until the pairing ends. */
export function stayForwarding(call: Invocation, link: AppLink): Promise<ExitCode> {
  call.say('Ctrl-C ends it.')
  return new Promise((resolve) =>
    link.state.subscribe(({ status }) => {
      if (status !== 'ended' && status !== 'unpaired' && status !== 'refused') return
      call.complain('The pairing with the machine has ended. Pair again: latchkey attach CODE.')
      resolve(EXIT.failed)
    }),
  )
}

function problemOf(call: Invocation): string | null {
  if (call.text('remote') !== undefined)
    return '-R is not offered: programs of the machine would reach this computer. Run latchkey here, and use -L there.'
  const text = call.text('local')
  if (text === undefined) return call.on('no-terminal') ? '-N needs a port: -N -L 5173.' : null
  const forwards = readForwards(text)
  return typeof forwards === 'string' ? forwards : null
}
