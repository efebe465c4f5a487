import { subject } from '@latchkey/connection/observable'
import { useEffect } from 'preact/hooks'
import { keep, kept } from './kept.ts'
import { onWake } from './on-wake.ts'
import { useObservable } from './use-observable.ts'

/** Browsers keep a screen on for pages from HTTPS or localhost alone (W3C Screen Wake Lock). */
export const canStayAwake = (): boolean => 'wakeLock' in navigator

/** Whether the screen stays on while something runs; remembered by this browser. */
export const staysAwake = subject(kept('awake') === 'yes')

export function chooseAwake(on: boolean): void {
  staysAwake.set(on)
  keep('awake', on ? 'yes' : null)
}

/** Keeps the device's screen on while `isWorking`, where the person chose that. */
export function useAwake(isWorking: boolean): void {
  const isWanted = useObservable(staysAwake) && isWorking && canStayAwake()
  useEffect(() => {
    if (!isWanted) return
    let lock: WakeLockSentinel | null = null
    let isOver = false
    const hold = async () => {
      if (lock?.released === false) return
      // A browser may refuse: the battery is low, or the page is hidden.
      lock = await navigator.wakeLock.request('screen').catch(() => null)
      if (isOver) void lock?.release()
    }
    void hold()
    // It is lost whenever the page is hidden.
    const stop = onWake(() => void hold())
    return () => {
      isOver = true
      stop()
      void lock?.release()
    }
  }, [isWanted])
}
