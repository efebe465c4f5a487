import { base64url } from '@latchkey/protocol/bytes'
import { brokerInfo } from '@latchkey/protocol/console'
import type { PushSubscriptionKeys } from '@latchkey/protocol/terminal/push'
import { askBrokerInfo } from '../broker-info.ts'

/** The key with which this page subscribes; `off`: the broker sends nothing; `away`: it did not answer. */
export type PushKey = { readonly key: string } | 'off' | 'away'

export async function brokerPushKey(): Promise<PushKey> {
  try {
    const { pushKey } = brokerInfo.parse(await askBrokerInfo())
    return typeof pushKey === 'string' ? { key: pushKey } : 'off'
  } catch {
    return 'away'
  }
}

/**
 * The subscription of this browser with the broker's key: the present one, else a new one. Rejects when the browser reaches no push
 * service. Only after the person has allowed notifications.
 */
export async function ownSubscription(key: string): Promise<PushSubscriptionKeys> {
  const { pushManager } = await worker()
  const present = await pushManager.getSubscription()
  if (present !== null && keyOf(present) === key) return keysOf(present)
  // A browser holds one subscription for a page, and refuses a second key.
  await present?.unsubscribe()
  return keysOf(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }))
}

/** Where this browser is called now; null where it is not, or has no push. */
export async function presentEndpoint(): Promise<string | null> {
  if (!('serviceWorker' in navigator)) return null
  const registered = await navigator.serviceWorker.getRegistration('/')
  return (await registered?.pushManager?.getSubscription())?.endpoint ?? null
}

export async function endSubscription(): Promise<void> {
  const { pushManager } = await worker()
  await (await pushManager.getSubscription())?.unsubscribe()
}

async function worker(): Promise<ServiceWorkerRegistration> {
  await navigator.serviceWorker.register('/sw.js')
  return navigator.serviceWorker.ready
}

const keyOf = ({ options }: PushSubscription): string | null =>
  options.applicationServerKey === null ? null : base64url(new Uint8Array(options.applicationServerKey))

function keysOf(subscription: PushSubscription): PushSubscriptionKeys {
  const key = (name: PushEncryptionKeyName): string => {
    const bytes = subscription.getKey(name)
    return bytes === null ? '' : base64url(new Uint8Array(bytes))
  }
  return { endpoint: subscription.endpoint, p256dh: key('p256dh'), auth: key('auth') }
}
