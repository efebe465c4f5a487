import { cpaceScalar, cpaceShare } from './cpace.ts'
import { AbortReason, decodeMessage, encodeMessage, type HandshakeMessage } from './messages.ts'
import { type InTransit, otherKey, PID, type Relay, seededEntropy } from './two-ends.fixture.ts'

/** What a relay may do to one message of a conversation. */
export const ATTACKS = [
  'flip',
  'cut',
  'lengthen',
  'withhold',
  'replay',
  'reflect',
  'other-run',
  'abort',
  'swap-share',
  'swap-keys',
  'swap-body',
] as const

export interface Attack {
  readonly kind: (typeof ATTACKS)[number]
  /** which message of the conversation it is done to */
  readonly at: number
  /** picks a place in the message, an earlier message, or the relay's own keys */
  readonly where: number
}

export const read = (bytes: Uint8Array): HandshakeMessage | null => {
  const result = decodeMessage(PID, bytes)
  return result.ok ? result.message : null
}

/** Does `attack` to one message, and passes on the others. `recorded` is an earlier, honest conversation. */
export function hostile(
  { kind, at, where }: Attack,
  recorded: readonly InTransit[],
  touched: { yet: boolean },
): Relay {
  const seen: InTransit[] = []
  return (message) => {
    seen.push(message)
    if (message.at !== at) return [message]
    const put = (bytes: Uint8Array) => {
      touched.yet ||= !Buffer.from(bytes).equals(message.bytes)
      return [{ to: message.to, bytes }]
    }
    switch (kind) {
      case 'flip': {
        const bit = where % (message.bytes.length * 8)
        return put(message.bytes.map((byte, place) => (place === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)))
      }
      case 'cut':
        return put(message.bytes.subarray(0, where % message.bytes.length))
      case 'lengthen':
        return put(Uint8Array.from([...message.bytes, where & 0xff]))
      case 'withhold':
        touched.yet = true
        return []
      case 'replay':
        return put((seen.at(where % seen.length) ?? message).bytes)
      case 'reflect':
        touched.yet = true
        return [{ to: message.to === 'app' ? 'runner' : 'app', bytes: message.bytes }]
      case 'other-run':
        return put((recorded.at(where % recorded.length) ?? message).bytes)
      case 'abort':
        return put(encodeMessage(PID, { kind: 'abort', reason: AbortReason.busy }))
      case 'swap-share':
      case 'swap-keys':
      case 'swap-body':
        return put(swapped(kind, message.bytes, where))
    }
  }
}

/** Puts the relay's own share, key or proof where the message has one; the message itself where it has none. */
function swapped(
  kind: 'swap-share' | 'swap-keys' | 'swap-body',
  bytes: Uint8Array,
  where: number,
): Uint8Array {
  const message = read(bytes)
  if (message === null) return bytes
  const draw = seededEntropy(where)
  const generator = Uint8Array.from(
    Buffer.from('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76', 'hex'),
  )
  if (kind === 'swap-share' && 'share' in message)
    return encodeMessage(PID, { ...message, share: cpaceShare(cpaceScalar(draw(32)), generator) })
  if (kind === 'swap-keys' && 'data' in message) {
    const data = message.data.slice()
    data.set(otherKey.publicKey, 3) // behind the role and the length of the key
    return encodeMessage(PID, { ...message, data })
  }
  if (kind === 'swap-body' && 'body' in message)
    return encodeMessage(PID, { ...message, body: draw(message.body.length) })
  return bytes
}
