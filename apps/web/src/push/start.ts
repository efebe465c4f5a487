import { kept } from '../kept.ts'

/**
 * Follows taps on notifications, and keeps machines told how to call this browser where it wants to be called. The rest of this
 * folder is loaded later: a page that is not called needs none of it.
 */
export function startPush(): void {
  if (!('serviceWorker' in navigator)) return
  navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const address = typeof data === 'object' && data !== null && 'open' in data ? String(data.open) : ''
    if (URL.canParse(address) && new URL(address).origin === location.origin) location.assign(address)
  })
  navigator.serviceWorker.startMessages()
  if (kept('push') === null) return
  const later = () => void import('./called.ts').then(({ startCalled }) => startCalled())
  if (document.readyState === 'complete') later()
  else addEventListener('load', later, { once: true })
}
