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
  readonly keys: AppKeys
  readonly store: SealStore
  /**
   * Runs `run` while nobody else of this app, in another tab or process, does so under the same name: two that return
   * with the same key at once would look like a clone (SECURITY C46).
   */
  readonly exclusively: <Result>(name: string, run: () => Promise<Result>) => Promise<Result>
}

/** This app's X25519 keys: one for all its runners, but for those that have refused it for ever. */
export interface AppKeys {
  of(runnerId: string): Promise<AgreementKey>
  /** A new one for this runner. Nothing has changed before `keep`: it may be the relay that speaks of refusal. */
  fresh(runnerId: string): Promise<{ readonly key: AgreementKey; keep(): Promise<void> }>
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
    linkTicket: ({ oneTimeSecret, runnerId }) =>
      runnerId === null ? null : base64url(routeTicket(oneTimeSecret, runnerId)),
    attempt: (meeting) => new AppSealAttempt(options, meeting),
  }
}
