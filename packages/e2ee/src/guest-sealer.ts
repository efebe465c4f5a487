import type { Sealer, SealHandshake, SealMeeting, SealStep } from '@latchkey/connection/app/sealer'
import { assertNever, type Entropy } from '@latchkey/domain/kernel'
import { base64url } from '@latchkey/protocol/bytes'
import { AppHandshake } from './app-handshake.ts'
import { appChannel, heardAs, neverBackwards } from './app-sealer.ts'
import type { AppStep } from './app-steps.ts'
import { routeTicket } from './derivations.ts'
import type { AgreementKey, Primitives } from './primitives.ts'
import type { ShareUrl } from './share-url.ts'

export interface GuestSealerOptions {
  readonly primitives: Primitives
  readonly entropy: Entropy
  /** milliseconds since the epoch, by this device's clock */
  readonly nowMs: () => number
  /** by which the machine tells this browser from the link's other guests */
  readonly key: AgreementKey
  readonly share: ShareUrl
}

/**
 * The sealing of a guest's link: it comes by a share link each time, and keeps nothing of what it is granted. To its link it
 * is an app that the machine knows, since neither a code nor a PIN is asked for.
 */
export function guestSealer(options: GuestSealerOptions): Sealer {
  const { share } = options
  const isHere = (runnerId: string) => runnerId === share.runnerId
  // Greeting times grow: the machine takes none twice (SECURITY C44).
  let greetedAtMs = 0
  return {
    knows: async (runnerId) => isHere(runnerId),
    routeTicket: async (runnerId) =>
      isHere(runnerId) ? base64url(routeTicket(share.secret, runnerId)) : null,
    pairingUrlTicket: () => null,
    pairingName: async () => null,
    handshake: (meeting) => {
      greetedAtMs = Math.max(options.nowMs(), greetedAtMs + 1)
      return guestHandshake(options, meeting, greetedAtMs)
    },
  }
}

function guestHandshake(
  { primitives, entropy, nowMs, key, share }: GuestSealerOptions,
  { runnerId, pid, label }: SealMeeting,
  greetedAtMs: number,
): SealHandshake {
  const { reach, shareId, secret } = share
  const handshake = new AppHandshake({
    ...{ primitives, entropy, runnerId, pid, key },
    way: { method: 'share', label, reach, shareId, secret },
    capabilities: 0,
  })
  const told = (step: AppStep): SealStep => {
    switch (step.status) {
      case 'waiting':
      case 'ignored':
        return { status: 'waiting', send: step.send }
      case 'pin-wanted':
        return { status: 'refused', refusal: 'not-authentic', send: [] }
      case 'open': {
        const envelope = appChannel(primitives, step.secrets, neverBackwards(nowMs))
        return { status: 'open', envelope, send: step.send }
      }
      case 'ended': {
        const refusal = heardAs[step.refusal]
        // A link that has ended, or was used up, does not come back: another try is of no use.
        return { status: 'refused', refusal: refusal === 'expired' ? 'revoked' : refusal, send: step.send }
      }
      default:
        return assertNever(step)
    }
  }
  return {
    begin: async () =>
      runnerId === share.runnerId
        ? told(await handshake.begin(greetedAtMs))
        : { status: 'refused', refusal: 'runner-changed', send: [] },
    hear: async (payload) => told(await handshake.hear(payload, greetedAtMs)),
    enterPin: async () => ({ status: 'waiting', send: [] }),
    cancel: async () => {
      const { send } = await handshake.cancel()
      return { status: 'refused', refusal: 'given-up', send }
    },
  }
}
