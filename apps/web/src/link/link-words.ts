import type { EndReason, LinkState } from '@latchkey/connection/app/link-state'
import type { SealRefusal } from '@latchkey/connection/app/sealer'
import type { Words } from '../words/en.ts'
import type { Says } from '../words/says.ts'
import { clockTime, stopwatch } from '../words/times.ts'

/** The words of the connection pill. They claim only known facts. */
export interface PillWords {
  readonly tone: 'plain' | 'warn'
  readonly dot: 'ok' | 'warn' | 'off'
  readonly pulse: boolean
  readonly text: string
  /** both ways in milliseconds, or how long it has been going on */
  readonly figure: string | null
  /** for screen readers: the meaning of the figure; empty without one */
  readonly said: string
}

/** A program that died and is started again is back by then, also on a slow machine; one that is off or asleep is not. */
const RESTARTED_WITHIN_MS = 10_000

/**
 * Whether the machine went only just now. The broker cannot tell why: its program may be starting again, or the machine may
 * have gone to sleep. Words for this time are true of both.
 */
export const isJustAway = (state: LinkState, nowMs: number): boolean =>
  state.status === 'machine-offline' &&
  nowMs - state.sinceMs < RESTARTED_WITHIN_MS &&
  (state.lastSeenAtMs === null || nowMs - state.lastSeenAtMs < LAST_SEEN_MS_MAX)

/** The clocks of broker and phone differ by less, as a rule. */
const LAST_SEEN_MS_MAX = 60_000

/** The two legs, each there and back: to the broker, and from there to the machine. */
export function legsOf(state: Extract<LinkState, { readonly status: 'live' }>): readonly [string, string] {
  const broker = Math.round(state.brokerMs)
  // The measured time is that of both legs together.
  const machine = Math.max(0, Math.round(state.machineMs - state.brokerMs))
  return [String(broker), String(machine)]
}

export function pillWords(state: LinkState, machine: string, nowMs: number, words: Words): PillWords {
  const { link } = words
  const pill = (text: string, dot: PillWords['dot'], more: Partial<PillWords> = {}): PillWords => ({
    tone: 'plain',
    dot,
    pulse: false,
    text,
    figure: null,
    said: '',
    ...more,
  })
  switch (state.status) {
    case 'live': {
      const [broker, rest] = legsOf(state)
      const said = link.liveSaid(broker, rest, machine)
      return pill(link.live, 'ok', { figure: link.legs(broker, rest), said })
    }
    case 'catching-up':
      return pill(link.catchingUp, 'warn', { pulse: true })
    case 'connecting':
      return pill(link.connecting, 'warn', { pulse: true })
    case 'reconnecting': {
      const said = link.noLinkSince(clockTime(state.sinceMs, words))
      const figure = stopwatch(nowMs - state.sinceMs)
      return pill(link.reconnecting, 'warn', { tone: 'warn', pulse: true, figure, said })
    }
    case 'machine-offline':
      if (isJustAway(state, nowMs)) return pill(link.reconnecting, 'warn', { tone: 'warn', pulse: true })
      return pill(link.offlineSince(clockTime(state.lastSeenAtMs ?? state.sinceMs, words)), 'off')
    case 'unpaired':
      return pill(link.unpaired, 'off')
    case 'pin-wanted':
      return pill(words.seal.field, 'warn')
    case 'refused':
      return pill(link.refused, 'off')
    case 'ended':
      return pill(link.ended, 'off')
  }
}

/** Why no sealed channel was opened, and the one next step. */
export function refusalWords(
  refusal: SealRefusal,
  machine: string,
  words: Words,
): { readonly says: Says; readonly step: NextStep } {
  return { says: words.seal.refused[refusal](machine), step: stepAfter(refusal) }
}

/**
 * `new-pin` and `again` try the same way once more; `take-over` ends the link of another window; `pair` begins with a new
 * code; `forget` gives up the known keys of a machine, since a machine with other keys is refused until then.
 */
export type NextStep = 'again' | 'new-pin' | 'take-over' | 'pair' | 'forget' | 'reload'

export function stepAfterEnd(reason: EndReason): NextStep {
  switch (reason) {
    case 'unpaired':
    case 'not-a-node':
      return 'pair'
    case 'superseded':
      return 'take-over'
    case 'version':
    case 'sealing-required':
    case 'closed':
      return 'reload'
  }
}

function stepAfter(refusal: SealRefusal): NextStep {
  switch (refusal) {
    case 'pin-mismatch':
      return 'new-pin'
    case 'busy':
    case 'locked':
    case 'window-closed':
    case 'cannot-seal':
      return 'again'
    case 'version':
      return 'reload'
    case 'expired':
    case 'revoked':
    case 'not-authentic':
    case 'no-key':
    case 'given-up':
      return 'pair'
    case 'runner-changed':
      return 'forget'
  }
}

/** Whether the screen may differ from the machine's. */
export const isStale = (state: LinkState): boolean =>
  state.status !== 'live' && state.status !== 'catching-up'
