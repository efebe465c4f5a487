import { subject } from '@latchkey/connection/observable'
import { keep, kept } from '../../kept.ts'

const TICK_MS = 8

/** iPhones give pages no vibration. */
export const canVibrate = (): boolean => 'vibrate' in navigator

/** Whether keys shall be felt; remembered by this browser. */
export const vibrates = subject(kept('vibration') !== 'no')

export function chooseVibration(on: boolean): void {
  vibrates.set(on)
  keep('vibration', on ? null : 'no')
}

/** One short tick under the finger, unless the person or the system wants things still. */
export function tick(): void {
  if (!vibrates.current || !canVibrate()) return
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) navigator.vibrate(TICK_MS)
}
