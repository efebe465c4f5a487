import { NEW_HANDSHAKE_AFTER_MS, SealedChannel } from '@latchkey/e2ee/channel'
import type { AppEnvelope } from '../channel/guest.ts'
import { primitives } from './primitives.ts'

/** The app makes a new channel in time; after this much more the runner insists. */
const STALE_AFTER_MS = NEW_HANDSHAKE_AFTER_MS + 10 * 60 * 1000

export function sealedEnvelope(
  secrets: ConstructorParameters<typeof SealedChannel>[0]['secrets'],
  clock: () => number,
): AppEnvelope {
  const channel = new SealedChannel({ aead: primitives.aead, role: 'runner', secrets, clock, pad: false })
  const openedAtMs = clock()
  return {
    seal: (plaintext, replay = false) => channel.seal(plaintext, replay),
    open: (payload) => {
      const opened = channel.open(payload)
      // An honest relay drops nothing. A new channel and the offsets on both ends repair the loss.
      return channel.framesMissing === 0 ? opened : null
    },
    get isOpen() {
      return channel.end.status === 'open'
    },
    get wasLeft() {
      return channel.end.status === 'closed-by-peer'
    },
    get isStale() {
      return clock() - openedAtMs >= STALE_AFTER_MS
    },
    goodbye: () => channel.close(),
  }
}
