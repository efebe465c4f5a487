/** Keeps the shell for a start without a network. Browsers allow it on HTTPS and localhost only. */
export function startOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  // Not before the page is there: the shell is fetched a second time for the cache.
  const register = () => void navigator.serviceWorker.register('/sw.js').catch(() => {})
  if (document.readyState === 'complete') register()
  else addEventListener('load', register)
}
