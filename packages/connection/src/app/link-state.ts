/** Why a try to reach the broker failed, in one word for the program and a sentence for the log. */
export interface Failure {
  readonly kind: 'unreachable' | 'timeout' | 'refused'
  readonly message: string
}

/** Why a link stays down until somebody does something. */
export type EndReason =
  /** the pairing ended: the machine's life ended, or it let this app go; `pair` begins a new one */
  | 'unpaired'
  /** another connection with the same credential took over */
  | 'superseded'
  /** one of the two ends is too old for the other */
  | 'version'
  /** the machine admits sealed connections only */
  | 'sealing-required'
  /** `close` was called */
  | 'closed'

/**
 * What is true of the link now. `live` means that the machine answered a question within the last seconds; an open socket
 * alone is never taken for it. Moments are by the platform's clock.
 */
export type LinkState =
  | {
      readonly status: 'connecting'
      readonly failure: Failure | null
      readonly nextTryAtMs: number | null
    }
  /** the broker is reached, and this app has no machine: `pair` is wanted */
  | { readonly status: 'unpaired' }
  /** milliseconds there and back, to the broker and to the machine behind it */
  | { readonly status: 'live'; readonly brokerMs: number; readonly machineMs: number }
  /** connected again; what happened meanwhile is on its way */
  | { readonly status: 'catching-up' }
  /** nothing heard since `sinceMs`; `nextTryAtMs` is null while a try is running */
  | {
      readonly status: 'reconnecting'
      readonly sinceMs: number
      readonly nextTryAtMs: number | null
      readonly failure: Failure | null
    }
  /** the broker is reached, the machine is not. It keeps this pairing until `untilMs` (null: not known) */
  | {
      readonly status: 'machine-offline'
      readonly sinceMs: number
      readonly untilMs: number | null
      readonly lastSeenAtMs: number | null
    }
  | { readonly status: 'ended'; readonly reason: EndReason }
