import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'
import { type Observable, subject } from '../observable.ts'
import type { FeatureVoice, LinkFeature } from './link-feature.ts'

/** What a terminal's program is doing. All text in it is untrusted. */
export type TerminalStatus = Omit<Extract<RunnerMessage, { readonly type: 'status' }>, 'type'>

/** More terminals than a machine has; bounds what a broken machine can make an app remember. */
export const STATUSES_MAX = 128

/** What an app knows of the programs of one machine's terminals. */
export interface StatusFeature extends LinkFeature {
  /** Whether the machine of the last channel tells statuses. */
  readonly isOffered: Observable<boolean>
  /** By terminal, as last told; they stay, and are old, while the link is away. */
  readonly statuses: Observable<ReadonlyMap<number, TerminalStatus>>
  /** The terminal that a person has before them; null for none. Told again on each new channel. */
  front(terminal: number | null): void
  /** A person lets shells of new terminals tell of their commands, or not; asked where a status says `integration: 'ask'`. */
  integrate(on: boolean): void
}

export function statusFeature(): StatusFeature {
  const isOffered = subject(false)
  const statuses = subject<ReadonlyMap<number, TerminalStatus>>(new Map())
  let voice: FeatureVoice | null = null
  let inFront: number | null = null
  return {
    name: 'status',
    hears: new Set(['status']),
    isOffered,
    statuses,
    offered(given) {
      voice = given
      isOffered.set(true)
      if (inFront !== null) voice.say({ type: 'front', terminal: inFront })
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
    front(terminal) {
      if (terminal === inFront) return
      inFront = terminal
      voice?.say({ type: 'front', terminal })
    },
    integrate(on) {
      voice?.say({ type: 'integrate', on })
    },
  }
}
