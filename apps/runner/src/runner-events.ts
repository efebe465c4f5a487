import type { RunnerLinkEvent } from '@latchkey/connection/runner/runner-link'
import type { SealingEvent } from './sealing/sealing-events.ts'

export type RunnerEvent =
  | RunnerLinkEvent
  /** an app's channel began or ended; `paired` and `unpaired` come from the broker */
  | AppEvent
  | SealingEvent
  /** programs that run */
  | { readonly type: 'terminals'; readonly open: number }

export interface AppEvent {
  readonly type: 'connected' | 'disconnected'
  readonly appSessionId: string
  readonly label: string
  readonly address: string
  /** the broker can read nothing of it */
  readonly sealed: boolean
}
