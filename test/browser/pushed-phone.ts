import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import type { pushedBrowser } from '../../apps/runner/src/testing/pushed-browser.ts'

type Receiver = ReturnType<typeof pushedBrowser>

/**
 * Gives the pages of a context a push service on loopback in place of the vendor's, which tests must not reach. Each subscription
 * after an ended one has another path. All else is the browser's own: its permission, its worker, its notifications.
 */
export async function withPushService(
  context: BrowserContext,
  origin: string,
  receiver: Receiver,
): Promise<void> {
  const { p256dh, auth } = receiver.subscription
  await context.addInitScript(
    ({ service, keys }) => {
      if (!('PushManager' in window)) return
      const bytes = (text: string): ArrayBuffer =>
        Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0))
          .buffer
      const held = (): { turn: number; key: string } | null =>
        JSON.parse(localStorage.getItem('test-subscription') ?? 'null')
      const hold = (value: { turn: number; key: string }) =>
        localStorage.setItem('test-subscription', JSON.stringify(value))
      const subscription = (turn: number, key: string) => ({
        endpoint: `${service}/phone-${turn}`,
        options: { applicationServerKey: bytes(key), userVisibleOnly: true },
        getKey: (name: 'p256dh' | 'auth') => bytes(keys[name]),
        unsubscribe: async () => {
          hold({ turn, key: '' })
          return true
        },
      })
      Object.assign(PushManager.prototype, {
        getSubscription: async () => {
          const now = held()
          return now === null || now.key === '' ? null : subscription(now.turn, now.key)
        },
        subscribe: async ({ applicationServerKey: key }: { applicationServerKey: string }) => {
          const turn = (held()?.turn ?? 0) + 1
          hold({ turn, key })
          return subscription(turn, key)
        },
      })
    },
    { service: origin, keys: { p256dh, auth } },
  )
}

/** Delivers messages to the page's service worker as a push service would, by the browser's debugging protocol. */
export async function delivery(page: Page): Promise<(text: string) => Promise<void>> {
  const session: CDPSession = await page.context().newCDPSession(page)
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [found] = registrations.filter(({ isDeleted }) => !isDeleted)
      if (found !== undefined) resolve(found.registrationId)
    })
  })
  await session.send('ServiceWorker.enable')
  const registrationId = await registered
  const { origin } = new URL(page.url())
  return async (data) => {
    await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data })
  }
}

/** What the system shows of this page. */
export const shownBy = (page: Page) =>
  page.evaluate(async () => {
    const worker = await navigator.serviceWorker.ready
    return (await worker.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }))
  })
