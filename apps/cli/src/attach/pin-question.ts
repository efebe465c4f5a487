import { createInterface, type Interface } from 'node:readline'
import type { AppLink } from '@latchkey/connection/app/link'
import type { LinkState, PinWanted } from '@latchkey/connection/app/link-state'
import { printable } from '@latchkey/protocol/printable'
import type { Invocation } from '../command.ts'

const WRONG_PINS_MAX = 3
const TYPED_BEFORE =
  'You typed these digits a moment ago, and a machine shows new ones for every attempt. Look at its screen again. If it still shows the same ones, an attacker in between may be asking for them: stop here (Ctrl-C).'

/** Asks for the PIN on the machine's screen whenever the link wants it. Returns a function that stops asking. */
export function askPins(call: Invocation, link: AppLink): () => void {
  let open: Interface | null = null
  let asked = 0
  let wrong = 0
  const close = () => {
    open?.close()
    open = null
  }
  const hear = (state: LinkState) => {
    if (state.status === 'pin-wanted') {
      if (state.attempt === asked) return
      asked = state.attempt
      close()
      if (call.stdin.isTTY) open = ask(call, link, state)
      else link.cancelPin()
      return
    }
    close()
    if (state.status === 'refused' && state.refusal === 'pin-mismatch' && ++wrong < WRONG_PINS_MAX) {
      call.say('That was not the PIN. The machine now shows another one; type that.')
      link.reconnectNow()
    }
  }
  const stop = link.state.subscribe(hear)
  hear(link.state.current)
  return () => {
    stop()
    close()
  }
}

function ask(call: Invocation, link: AppLink, { digits, machine, attempt }: PinWanted): Interface {
  // The terminal's own line editing shows the digits and keeps Ctrl-C working.
  const lines = createInterface({ input: call.stdin, terminal: false })
  const prompt = () => call.ask(`PIN on the screen of ${printable(machine)} (${digits} digits): `)
  call.emit({ event: 'pin-wanted', machine, digits, attempt })
  lines.on('line', (line) => {
    const pin = line.replaceAll(/[\s-]/g, '')
    const isPin = new RegExp(`^[0-9]{${digits}}$`).test(pin)
    if (isPin && link.givePin(pin) !== 'typed-before') return
    if (isPin) call.complain(TYPED_BEFORE)
    prompt()
  })
  prompt()
  return lines
}
