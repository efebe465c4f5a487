/** Keeps the shell for a start without a network. Browsers allow it on HTTPS and localhost only. */
export function startOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  // Not before the page is there: it comes first.
  const register = () => void begin().catch(() => {})
  if (document.readyState === 'complete') register()
  else addEventListener('load', register)
}

/** Tells the worker which files this page has used: on a first visit that was before there was a worker to see it. */
async function begin(): Promise<void> {
  await navigator.serviceWorker.register('/sw.js')
  const { active } = await navigator.serviceWorker.ready
  const used = performance
    .getEntriesByType('resource')
    .map(({ name }) => new URL(name))
    .filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith('/assets/'))
  active?.postMessage(used.map(({ pathname }) => pathname))
}
