import type { PushStanding, PushWish } from '@latchkey/connection/app/push-feature'
import { type Subject, subject } from '@latchkey/connection/observable'
import type { PushSubscriptionKeys } from '@latchkey/protocol/terminal/push'
import { type OpenLink, openLinks } from '../link/open-links.ts'
import { languageOf, words } from '../words/language.ts'
import { ownAbility } from './ability.ts'
import { brokerPushKey, endSubscription, ownSubscription } from './own-subscription.ts'
import { choice, choose, type PushChoice } from './push-choice.ts'

/** Keeps every machine told how to call this browser. */

/** Why this browser cannot be called, as it turned out. */
export type Trouble = 'broker-off' | 'broker-away' | 'refused-by-person' | 'no-push-service'

/** where this browser is called; null while it is not, or not known yet */
export const called: Subject<PushSubscriptionKeys | null> = subject<PushSubscriptionKeys | null>(null)
export const trouble: Subject<Trouble | null> = subject<Trouble | null>(null)

/** Subscribes, from a tap: browsers ask the person only then. */
export async function turnOn(): Promise<void> {
  trouble.set(null)
  if ((await Notification.requestPermission()) !== 'granted') return trouble.set('refused-by-person')
  if (await subscribe()) choose({ on: true })
}

export async function turnOff(): Promise<void> {
  choose({ on: false })
  called.set(null)
  trouble.set(null)
  await endSubscription().catch(() => {})
}

let renewing: Promise<boolean> | null = null

/**
 * The push service ended the subscription at `endpoint`: another one is made, once, and all machines are told. False where the
 * browser got none.
 */
export function subscribeAnew(endpoint: string): Promise<boolean> {
  if (renewing !== null) return renewing
  if (called.current !== null && called.current.endpoint !== endpoint) return Promise.resolve(true)
  const renewed = endSubscription()
    .catch(() => {})
    .then(subscribe)
    .finally(() => {
      renewing = null
    })
  renewing = renewed
  return renewed
}

async function subscribe(): Promise<boolean> {
  const key = await brokerPushKey()
  if (typeof key === 'string') {
    trouble.set(key === 'off' ? 'broker-off' : 'broker-away')
    return false
  }
  try {
    const own = await ownSubscription(key.key)
    if (called.current?.endpoint !== own.endpoint) called.set(own)
    trouble.set(null)
    return true
  } catch {
    trouble.set('no-push-service')
    return false
  }
}

let isStarted = false

/** Compares the subscription with the one of before, and tells the machines of this browser, now and whenever something changed. */
export function startCalled(): void {
  if (isStarted) return
  isStarted = true
  for (const changing of [choice, called, openLinks, words]) changing.subscribe(tellAll)
  const watched = new WeakSet<OpenLink['push']>()
  const watch = () => {
    for (const { push } of openLinks.current.values()) {
      if (watched.has(push)) continue
      watched.add(push)
      push.standing.subscribe((standing) => void heard(standing))
    }
  }
  openLinks.subscribe(watch)
  watch()
  if (choice.current.on && ownAbility() === 'able') void subscribe()
  tellAll()
}

/** A push service that ends every subscription is not asked again and again. */
const ANEW_MAX = 2
let renewed = 0

async function heard(standing: PushStanding | null): Promise<void> {
  if (standing?.endpoint !== null) return tellAll()
  if (standing.dropped !== 'gone' || !choice.current.on || renewed >= ANEW_MAX) return
  const { current: own } = called
  if (own === null) return
  renewed += 1
  await subscribeAnew(own.endpoint)
}

function tellAll(): void {
  const { current: own } = choice
  for (const [runnerId, { push }] of openLinks.current) {
    const subscription = own.on ? called.current : null
    // Until it is known where this browser is called, nothing changes.
    if (own.on && subscription === null) continue
    // A machine without a subscription need not hear that it shall call no more.
    if (!own.on && push.standing.current?.endpoint == null) continue
    push.want(wishOf(runnerId, own, subscription))
  }
}

const wishOf = (runnerId: string, own: PushChoice, subscription: PushWish['subscription']): PushWish => ({
  subscription,
  rules: {
    needsYou: own.needsYou,
    failed: own.failed,
    done: own.done,
    quiet:
      own.quiet === null
        ? null
        : {
            ...own.quiet,
            zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
            exceptNeeds: own.exceptNeeds,
          },
    muted: [...(own.muted[runnerId] ?? [])],
  },
  language: languageOf([words.current.tag]),
  page: location.origin,
})
