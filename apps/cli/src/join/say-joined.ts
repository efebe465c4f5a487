import { printable } from '@latchkey/protocol/printable'
import type { Invocation } from '../command.ts'
import type { Membership } from './memberships.ts'

/** It is done, and what it is good for. */
export function sayJoined(call: Invocation, { nodeId, name, host, brokerUrl }: Membership): void {
  call.emit({ event: 'joined', nodeId, name, host, url: brokerUrl })
  call.say(`Joined. ${printable(host)} knows this machine as ${printable(name)}.`)
  call.say(`Offer it there with: latchkey run --broker ${brokerUrl}`)
}
