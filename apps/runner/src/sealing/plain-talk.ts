import { unsealed } from '@latchkey/protocol/terminal/envelope'
import {
  decodeAppMessages,
  encodeRunnerMessages,
  type RunnerMessage,
} from '@latchkey/protocol/terminal/messages'
import { decodePlaintext, encodePlaintext, Stream } from '@latchkey/protocol/terminal/streams'

/** Messages to an app that cannot seal, before it is admitted. */

/** Why such an app does not come in. */
export type PlainRefusal = 'not-allowed' | 'turned-away' | 'locked' | 'window-closed' | 'busy' | 'expired'

const UPDATE = 'An app that seals comes in with a PIN: update the app.'
const WHY: Record<PlainRefusal, string> = {
  'not-allowed': 'This machine speaks sealed only. Update the app, or start it with --allow-unsealed.',
  'turned-away': 'The owner of this machine turned this app away. Pair it anew.',
  locked: 'This machine lets no new app in. Its owner opens it again with: latchkey unlock',
  'window-closed':
    'This machine was asked to let apps in so often that it asks nobody for a while. Its owner can say: latchkey unlock',
  busy: 'The owner of this machine is being asked about another app. Try again in two minutes.',
  expired: `Nobody at the machine let this app in. ${UPDATE}`,
}

const said = (message: RunnerMessage): Uint8Array =>
  unsealed.seal(encodePlaintext({ stream: Stream.control, seq: 0, bytes: encodeRunnerMessages([message]) }))

/** Every app knows this code, and does not try again by itself. */
export const plainRefusal = (why: PlainRefusal): Uint8Array =>
  said({ type: 'error', code: 'E2EE_REQUIRED', message: WHY[why] })

/** The answers to the pings in what an app says while its owner is asked: without them it would take the line for dead. */
export function answersToPings(payload: Uint8Array): readonly Uint8Array[] {
  const opened = unsealed.open(payload)
  const plaintext = opened && decodePlaintext(opened)
  if (plaintext?.stream !== Stream.control) return []
  const messages = decodeAppMessages(plaintext.bytes) ?? []
  return messages.flatMap((message) =>
    message.type === 'ping' ? [said({ type: 'pong', id: message.id })] : [],
  )
}
