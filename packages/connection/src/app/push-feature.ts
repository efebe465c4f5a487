import type { AppMessage, RunnerMessage } from '@latchkey/protocol/terminal/messages'
import { type Observable, subject } from '../observable.ts'
import type { Cancel } from '../transport.ts'
import type { FeatureVoice, LinkFeature } from './link-feature.ts'

/** How this app wants to be called by a machine. */
export type PushWish = Omit<Extract<AppMessage, { readonly type: 'pushWanted' }>, 'type'>
/** Where a machine calls this app. */
export type PushStanding = Omit<Extract<RunnerMessage, { readonly type: 'pushStanding' }>, 'type'>
/** One step of a test that has happened. */
export type PushTestStep = Omit<Extract<RunnerMessage, { readonly type: 'pushTested' }>, 'type' | 'request'>

/** The calls that a machine makes to this app while it is closed. */
export interface PushFeature extends LinkFeature {
  /** whether the machine of the open channel can call apps; null while no channel is open */
  readonly isOffered: Observable<boolean | null>
  /** as the machine said last; null before */
  readonly standing: Observable<PushStanding | null>
  /** Tells the machine, now or on the next channel, and again on each new one. */
  want(wish: PushWish): void
  /**
   * Has the machine send a test. `onStep` hears each step, and null once when the channel is lost first. Null when no channel
   * is open.
   */
  test(id: string, onStep: (step: PushTestStep | null) => void): Cancel | null
}

export function pushFeature(): PushFeature {
  const isOffered = subject<boolean | null>(null)
  const standing = subject<PushStanding | null>(null)
  let voice: FeatureVoice | null = null
  let wish: PushWish | null = null
  let tests = 0
  let running: ((step: PushTestStep | null) => void) | null = null
  return {
    name: 'push',
    hears: new Set(['pushStanding', 'pushTested']),
    isOffered,
    standing,
    offered(given) {
      voice = given
      isOffered.set(true)
      if (wish !== null) voice.say({ type: 'pushWanted', ...wish })
    },
    hear(message) {
      if (message.type === 'pushStanding') {
        const { type: _, ...said } = message
        standing.set(said)
      }
      if (message.type === 'pushTested' && message.request === tests) {
        const { type: _, request: __, ...step } = message
        running?.(step)
        if (step.step === 'sent') running = null
      }
    },
    lost() {
      voice = null
      isOffered.set(null)
      running?.(null)
      running = null
    },
    want(next) {
      if (wish !== null && JSON.stringify(wish) === JSON.stringify(next)) return
      wish = next
      voice?.say({ type: 'pushWanted', ...next })
    },
    test(id, onStep) {
      if (voice === null) return null
      tests += 1
      running = onStep
      voice.say({ type: 'pushTest', request: tests, id })
      return () => {
        if (running === onStep) running = null
      }
    },
  }
}
