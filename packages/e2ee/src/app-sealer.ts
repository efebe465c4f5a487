import type { Sealer, SealStore } from '@latchkey/connection/app/sealer'
import type { Entropy } from '@latchkey/domain/kernel'
import { base64url } from '@latchkey/protocol/bytes'
import { AppSealAttempt } from './app-seal-attempt.ts'
import { routeTicket } from './derivations.ts'
import type { AgreementKey, Primitives } from './primitives.ts'

/** What a platform brings to seal its links. */
export interface AppSealerOptions {
  readonly primitives: Primitives
  readonly entropy: Entropy
  /** milliseconds since the epoch, by this device's clock */
  readonly nowMs: () => number
  /** this app's X25519 key, the same for all its runners */
  readonly key: () => Promise<AgreementKey>
  readonly store: SealStore
  /**
   * Runs `run` while nobody else of this app, in another tab or process, does so under the same name: two that return
   * with the same key at once would look like a clone (SECURITY C46).
   */
  readonly exclusively: <Result>(name: string, run: () => Promise<Result>) => Promise<Result>
}

/** The app's end of sealing, for `AppLinkOptions.seal`: one a device, for all its links. */
export function appSealer(options: AppSealerOptions): Sealer {
  const { store } = options
  return {
    knows: async (runnerId) => (await store.read(runnerId)) !== null,
    routeTicket: async (runnerId) => {
      const known = await store.read(runnerId)
      return known === null ? null : base64url(routeTicket(known.resumeKey, runnerId))
    },
    attempt: (meeting) => new AppSealAttempt(options, meeting),
  }
}
