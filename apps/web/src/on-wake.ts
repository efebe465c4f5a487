/** Calls `wake` when the page is looked at again or its network is back; answers with what ends that. */
export function onWake(wake: () => void): () => void {
  const seen = (): void => {
    if (!document.hidden) wake()
  }
  document.addEventListener('visibilitychange', seen)
  for (const event of WINDOW_EVENTS) addEventListener(event, seen)
  return () => {
    document.removeEventListener('visibilitychange', seen)
    for (const event of WINDOW_EVENTS) removeEventListener(event, seen)
  }
}

/** `pageshow` comes also when a frozen page is taken out of the browser's cache. */
const WINDOW_EVENTS = ['online', 'focus', 'pageshow'] as const
