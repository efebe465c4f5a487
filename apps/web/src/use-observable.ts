import type { Observable } from '@latchkey/connection/observable'
import { useEffect, useState } from 'preact/hooks'

/** The current value of `observed`; the component draws itself again at every change. */
export function useObservable<T>(observed: Observable<T>): T {
  const [, redraw] = useState(0)
  useEffect(() => {
    // Else a change between drawing and subscribing would be missed.
    redraw((count) => count + 1)
    return observed.subscribe(() => redraw((count) => count + 1))
  }, [observed])
  return observed.current
}

/** Draws again each `everyMs` while `running`; answers with the time of this drawing. A hidden page is not drawn. */
export function useClock(everyMs: number, running: boolean): number {
  const [nowMs, setNow] = useState(Date.now)
  useEffect(() => {
    if (!running) return
    const tick = () => {
      if (!document.hidden) setNow(Date.now())
    }
    tick()
    const timer = setInterval(tick, everyMs)
    document.addEventListener('visibilitychange', tick)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', tick)
    }
  }, [everyMs, running])
  return nowMs
}
