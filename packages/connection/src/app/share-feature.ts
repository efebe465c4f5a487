import type { AppMessage } from '@latchkey/protocol/terminal/messages'
import type { ListedShare } from '@latchkey/protocol/terminal/shares'
import { type Observable, subject } from '../observable.ts'
import type { FeatureVoice, LinkFeature } from './link-feature.ts'

/** A link to one terminal, as a person wants it. */
export type WantedShare = Omit<Extract<AppMessage, { readonly type: 'shareTerminal' }>, 'type' | 'request'>
/** `fragment`: secret; it is told once. `message`: for a person, from the machine; empty when the channel was lost */
export type MadeShare =
  | { readonly ok: true; readonly share: string; readonly fragment: string }
  | { readonly ok: false; readonly message: string }

/** The share links of a machine. */
export interface ShareFeature extends LinkFeature {
  /** every link; null while no channel is open, or where this app may not see them */
  readonly shares: Observable<readonly ListedShare[] | null>
  make(wanted: WantedShare): Promise<MadeShare>
  /** Its guests are gone at once. */
  end(share: string): void
}

export function shareFeature(): ShareFeature {
  const shares = subject<readonly ListedShare[] | null>(null)
  const asked = new Map<number, (made: MadeShare) => void>()
  let voice: FeatureVoice | null = null
  let requests = 0
  const answered = (request: number, made: MadeShare) => {
    asked.get(request)?.(made)
    asked.delete(request)
  }
  return {
    name: 'shares',
    hears: new Set(['shared', 'shareRefused', 'shares']),
    shares,
    offered: (given) => {
      voice = given
    },
    hear(message) {
      if (message.type === 'shares') shares.set(message.shares)
      if (message.type === 'shared')
        answered(message.request, { ok: true, share: message.share, fragment: message.fragment })
      if (message.type === 'shareRefused') answered(message.request, { ok: false, message: message.message })
    },
    lost() {
      voice = null
      shares.set(null)
      for (const request of [...asked.keys()]) answered(request, { ok: false, message: '' })
    },
    make(wanted) {
      const said = voice
      if (said === null) return Promise.resolve({ ok: false, message: '' })
      requests += 1
      const request = requests
      return new Promise((resolve) => {
        asked.set(request, resolve)
        said.say({ type: 'shareTerminal', request, ...wanted })
      })
    },
    end: (share) => voice?.say({ type: 'shareEnd', share }),
  }
}
