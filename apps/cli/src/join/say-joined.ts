import { printable } from '@latchkey/protocol/printable'
import type { Invocation } from '../command.ts'
import type { Membership } from './memberships.ts'

/** Says that this machine has joined, and the next step. */
export function sayJoined(call: Invocation, { nodeId, name, host, brokerUrl }: Membership): void {
  call.emit({ event: 'joined', nodeId, name, host, url: brokerUrl })
  call.say(`Joined. ${printable(host)} knows this machine as ${printable(name)}.`)
  call.say(`Offer it there with: latchkey run --broker ${brokerUrl}`)
}
