import { assertNever } from '@latchkey/domain/kernel'
import type { SealRefusal } from './sealer.ts'

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
  /** the broker knows this device no more: it was revoked, or its token ran out unused */
  | 'not-a-node'
  /** `close` was called */
  | 'closed'

/**
 * The present state of the link. `live` means that the machine answered a question within the last seconds; an open socket
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
  /** the machine shows a PIN of so many digits: `givePin`, or `cancelPin` */
  | PinWanted
  /** no sealed channel came about, and none is tried until `reconnectNow` or `pair` */
  | { readonly status: 'refused'; readonly refusal: SealRefusal }
  /**
   * Milliseconds there and back, to the broker and to the machine behind it. `sealed`: the broker cannot read what is
   * typed and printed.
   */
  | {
      readonly status: 'live'
      readonly brokerMs: number
      readonly machineMs: number
      readonly sealed: boolean
    }
  /** connected again; what happened meanwhile is on its way */
  | { readonly status: 'catching-up' }
  /** nothing heard since `sinceMs`; `nextTryAtMs` is null while a try is running */
  | {
      readonly status: 'reconnecting'
      readonly sinceMs: number
      readonly nextTryAtMs: number | null
      readonly failure: Failure | null
    }
  /**
   * The broker is reached, the machine is not. It keeps this pairing until `untilMs` (null: not known); `untilMs` and
   * `lastSeenAtMs` are by the broker's clock.
   */
  | {
      readonly status: 'machine-offline'
      readonly sinceMs: number
      readonly untilMs: number | null
      readonly lastSeenAtMs: number | null
    }
  | { readonly status: 'ended'; readonly reason: EndReason }

export interface PinWanted {
  readonly status: 'pin-wanted'
  /** as it calls itself, cleaned for display */
  readonly machine: string
  readonly digits: number
  readonly expiresAtMs: number
  /** 1 for the first PIN of this pairing; a fresh one is on the machine's screen each time this grows */
  readonly attempt: number
}

/** Everything that the state is derived from, as the parts of a link know it. */
export interface LinkFacts {
  readonly ended: EndReason | null
  readonly control:
    | { readonly status: 'up' }
    | { readonly status: 'down'; readonly failure: Failure | null; readonly nextTryAtMs: number | null }
  readonly pairing: 'unknown' | 'none' | 'paired'
  readonly machine:
    | { readonly status: 'online' }
    | {
        readonly status: 'offline'
        readonly sinceMs: number
        readonly untilMs: number | null
        readonly lastSeenAtMs: number | null
      }
  readonly channel:
    | { readonly status: 'down'; readonly nextTryAtMs: number | null }
    | {
        readonly status: 'up'
        readonly proof: 'unproven' | 'alive' | 'silent' | 'dead'
        readonly sealed: boolean
        readonly caughtUp: boolean
        readonly lastHeardMs: number
        readonly brokerMs: number | null
        readonly machineMs: number | null
      }
  /** what stands between a channel that was admitted and one that is sealed; null when nothing does */
  readonly sealing: PinWanted | Extract<LinkState, { readonly status: 'refused' }> | null
  /** when the link was last lost; null while it never was live, or is live */
  readonly lostSinceMs: number | null
}

/** The state of a link, from all facts about it. */
export function linkStateOf(facts: LinkFacts): LinkState {
  const { ended, control, channel, machine } = facts
  if (ended !== null) return { status: 'ended', reason: ended }
  // A terminal that answers is live, whatever has become of the control connection.
  if (channel.status === 'up') return channelState(facts, channel)
  // A question for the PIN, or a refusal, stays on the screen while the broker is away.
  if (facts.sealing !== null && (facts.pairing === 'paired' || facts.sealing.status === 'refused'))
    return facts.sealing
  if (control.status === 'down') return downState(facts, control.failure, control.nextTryAtMs)
  if (facts.pairing === 'none') return { status: 'unpaired' }
  if (facts.pairing === 'paired' && machine.status === 'offline') {
    const { sinceMs, untilMs, lastSeenAtMs } = machine
    return { status: 'machine-offline', sinceMs, untilMs, lastSeenAtMs }
  }
  return downState(facts, null, channel.nextTryAtMs)
}

function channelState(
  { lostSinceMs }: LinkFacts,
  channel: Extract<LinkFacts['channel'], { readonly status: 'up' }>,
): LinkState {
  switch (channel.proof) {
    case 'alive':
      return channel.caughtUp && channel.machineMs !== null
        ? {
            status: 'live',
            brokerMs: channel.brokerMs ?? channel.machineMs,
            machineMs: channel.machineMs,
            sealed: channel.sealed,
          }
        : { status: 'catching-up' }
    case 'unproven':
      return lostSinceMs === null
        ? { status: 'connecting', failure: null, nextTryAtMs: null }
        : { status: 'catching-up' }
    case 'silent':
    case 'dead':
      return {
        status: 'reconnecting',
        sinceMs: lostSinceMs ?? channel.lastHeardMs,
        nextTryAtMs: null,
        failure: null,
      }
    default:
      return assertNever(channel.proof)
  }
}

const downState = (
  { lostSinceMs }: LinkFacts,
  failure: Failure | null,
  nextTryAtMs: number | null,
): LinkState =>
  lostSinceMs === null
    ? { status: 'connecting', failure, nextTryAtMs }
    : { status: 'reconnecting', sinceMs: lostSinceMs, nextTryAtMs, failure }

/** Whether two states are equal. An equal state is not told again. */
export const sameState = (a: LinkState, b: LinkState): boolean => JSON.stringify(a) === JSON.stringify(b)
