import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'
import { type Observable, subject } from '../observable.ts'
import type { FeatureVoice, LinkFeature } from './link-feature.ts'

/** What a terminal's program is doing. All text in it is untrusted. */
export type TerminalStatus = Omit<Extract<RunnerMessage, { readonly type: 'status' }>, 'type'>

export type Theme = 'dark' | 'light'
interface Front {
  readonly terminal: number | null
  readonly theme?: Theme
}

/** More terminals than a machine has; bounds what a broken machine can make an app remember. */
export const STATUSES_MAX = 128

/** What an app knows of the programs of one machine's terminals. */
export interface StatusFeature extends LinkFeature {
  /** Whether the machine of the last channel tells statuses. */
  readonly isOffered: Observable<boolean>
  /** By terminal, as last told; they stay, and are old, while the link is away. */
  readonly statuses: Observable<ReadonlyMap<number, TerminalStatus>>
  /** The terminal that a person has before them; null for none. `theme`: how it is drawn. Told again on each new channel. */
  front(terminal: number | null, theme?: Theme): void
  /** A person lets shells of new terminals tell of their commands, or not; asked where a status says `integration: 'ask'`. */
  integrate(on: boolean): void
}

export function statusFeature(): StatusFeature {
  const isOffered = subject(false)
  const statuses = subject<ReadonlyMap<number, TerminalStatus>>(new Map())
  let voice: FeatureVoice | null = null
  let inFront: Front = { terminal: null }
  return {
    name: 'status',
    hears: new Set(['status']),
    isOffered,
    statuses,
    offered(given) {
      voice = given
      isOffered.set(true)
      if (inFront.terminal !== null) voice.say({ type: 'front', ...inFront })
    },
    hear(message) {
      if (message.type !== 'status') return
      const { type: _, ...status } = message
      const next = new Map(statuses.current)
      // The newest last, so that the one that is forgotten is the oldest.
      next.delete(status.terminal)
      next.set(status.terminal, status)
      for (const [oldest] of next) {
        if (next.size <= STATUSES_MAX) break
        next.delete(oldest)
      }
      statuses.set(next)
    },
    lost() {
      voice = null
    },
    front(terminal, theme) {
      if (terminal === inFront.terminal && (terminal === null || theme === inFront.theme)) return
      inFront = { terminal, ...(theme !== undefined && { theme }) }
      voice?.say({ type: 'front', ...inFront })
    },
    integrate(on) {
      voice?.say({ type: 'integrate', on })
    },
  }
}
