import type { Instant } from '../kernel.ts'
import type { ApiKey } from './api-key.ts'

/** What a decision about keys sees, as it stands together at one moment. */
export interface ApiKeyView {
  /** the key that the operation names */
  readonly key: ApiKey | undefined
  /** how many keys are neither ended nor revoked */
  readonly goodKeys: number
}

/** One decision about one key. `decide` is pure, and may run several times; `now` is the store's time. */
export interface ApiKeyOperation<Answer> {
  readonly id: string
  readonly decide: (
    view: ApiKeyView,
    now: Instant,
  ) => { readonly write: ApiKey | null; readonly answer: Answer }
}

/** Where API keys are kept. One suite tests every adapter. */
export interface ApiKeyStore {
  /** The write of the decision with its answer, or nothing. Rejects only when the store itself failed. */
  run<Answer>(operation: ApiKeyOperation<Answer>): Promise<Answer>
  /** All keys, those that are over too, the newest first. */
  list(): Promise<readonly ApiKey[]>
  /** Forgets the keys that have been over for `ENDED_KEPT_MS`; answers with their number. */
  sweep(): Promise<number>
}
