import type { EndReason, LinkState } from '@latchkey/connection/app/link-state'
import type { SealRefusal } from '@latchkey/connection/app/sealer'
import type { Words } from '../words/en.ts'
import type { Says } from '../words/says.ts'
import { clockTime, stopwatch } from '../words/times.ts'

/** What the connection pill says: never more than is known. */
export interface PillWords {
  readonly tone: 'plain' | 'warn'
  readonly dot: 'ok' | 'warn' | 'off'
  readonly pulse: boolean
  readonly text: string
  /** both ways in milliseconds, or how long it has been going on */
  readonly figure: string | null
  /** for those who do not see the figure beside its dot; nothing when the text says all */
  readonly said: string
}

/** The two legs, each there and back: to the broker, and from there to the machine. */
export function legsOf(state: Extract<LinkState, { readonly status: 'live' }>): readonly [string, string] {
  const broker = Math.round(state.brokerMs)
  // The whole way is measured through the machine; what is left of it is the second leg.
  const machine = Math.max(0, Math.round(state.machineMs - state.brokerMs))
  return [String(broker), String(machine)]
}

export function pillWords(state: LinkState, machine: string, nowMs: number, words: Words): PillWords {
  const { link } = words
  const plain = (text: string, dot: PillWords['dot']): PillWords => ({
    tone: 'plain',
    dot,
    pulse: false,
    text,
    figure: null,
    said: '',
  })
  switch (state.status) {
    case 'live': {
      const [broker, rest] = legsOf(state)
      return {
        ...plain(link.live, 'ok'),
        figure: link.legs(broker, rest),
        said: link.liveSaid(broker, rest, machine),
      }
    }
    case 'catching-up':
      return { ...plain(link.catchingUp, 'warn'), pulse: true }
    case 'connecting':
      return { ...plain(link.connecting, 'warn'), pulse: true }
    case 'reconnecting':
      return {
        tone: 'warn',
        dot: 'warn',
        pulse: true,
        text: link.reconnecting,
        figure: stopwatch(nowMs - state.sinceMs),
        said: link.noLinkSince(clockTime(state.sinceMs, words)),
      }
    case 'machine-offline':
      return plain(link.offlineSince(clockTime(state.lastSeenAtMs ?? state.sinceMs, words)), 'off')
    case 'unpaired':
      return plain(link.unpaired, 'off')
    case 'pin-wanted':
      return plain(words.seal.field, 'warn')
    case 'refused':
      return plain(link.refused, 'off')
    case 'ended':
      return plain(link.ended, 'off')
  }
}

/** Why nothing sealed came about, what to do, and what the one button does. */
export function refusalWords(
  refusal: SealRefusal,
  machine: string,
  words: Words,
): { readonly says: Says; readonly step: NextStep } {
  return { says: words.seal.refused[refusal](machine), step: stepAfter(refusal) }
}

/**
 * `new-pin` and `again` try the same way once more; `pair` begins anew with what the machine shows; `forget` gives up the
 * keys to the machine that was known, without which nobody else of that name is spoken to.
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

/** Whether what is on the screen is surely what the machine shows. */
export const isStale = (state: LinkState): boolean =>
  state.status !== 'live' && state.status !== 'catching-up'
