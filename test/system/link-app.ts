import { randomBytes } from 'node:crypto'
import { openAppLink } from '@latchkey/connection/app/app-link'
import type { AppLink } from '@latchkey/connection/app/link'
import type { LinkState } from '@latchkey/connection/app/link-state'
import type { PairingUrlSecret, SealedRunner, Sealer } from '@latchkey/connection/app/sealer'
import type { Platform } from '@latchkey/connection/transport'
import { appSealer } from '@latchkey/e2ee/app-sealer'
import { parsePairingFragment } from '@latchkey/e2ee/pairing-url'
import { noblePrimitives } from '@latchkey/e2ee/primitives'
import { atCleanUp, until } from '../../apps/broker/src/testing/harness.ts'
import { nodePlatform } from '../../apps/cli/src/attach/node-platform.ts'

/** What one device keeps of its sealing, in memory, with a clock that a test can turn on. */
export function device() {
  const runners = new Map<string, SealedRunner>()
  const keys = new Map<string, Uint8Array>()
  const shared = randomBytes(32)
  const time = { aheadMs: 0 }
  let turn: Promise<unknown> = Promise.resolve()
  const sealer: Sealer = appSealer({
    primitives: noblePrimitives,
    entropy: (byteCount) => randomBytes(byteCount),
    nowMs: () => Date.now() + time.aheadMs,
    keys: {
      of: (runnerId) => noblePrimitives.agreementKey(keys.get(runnerId) ?? shared),
      fresh: async (runnerId) => {
        const secret = randomBytes(32)
        return {
          key: await noblePrimitives.agreementKey(secret),
          keep: async () => void keys.set(runnerId, secret),
        }
      },
    },
    store: {
      read: async (runnerId) => runners.get(runnerId) ?? null,
      keep: async (runner) => void runners.set(runner.runnerId, runner),
    },
    exclusively: (_, run) => {
      const mine = turn.then(run, run)
      turn = mine
      return mine
    },
  })
  return { sealer, runners, time }
}

/** The link that pages and `attach` use, and every state it was in. */
export function linkApp(brokerUrl: string, on = device(), platform: Platform = nodePlatform) {
  const link: AppLink = openAppLink({
    brokerUrl,
    credential: null,
    label: 'link app',
    locale: 'en',
    platform,
    seal: { sealer: on.sealer, runnerId: null, allowUnsealed: false },
    onCredential: () => {},
  })
  atCleanUp(() => link.close())
  const states: LinkState[] = []
  link.state.subscribe((state) => states.push(state))
  const is = (status: LinkState['status']) => until(status, () => link.state.current.status === status)
  return { link, states, is, device: on }
}

/** What a pairing URL has behind its `#`: the code and what goes with it. */
export function whole(fragment: string): { readonly code: string; readonly secret: PairingUrlSecret } {
  const read = parsePairingFragment(fragment)
  if (read === null || read.seal === null) throw new Error(`no secret in ${fragment}`)
  return { code: read.code, secret: read.seal }
}
