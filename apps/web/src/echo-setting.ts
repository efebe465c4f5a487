import { subject } from '@latchkey/connection/observable'
import { keep, kept } from './kept.ts'

/** Whether keys may be drawn ahead of their echo: where it helps and is safe, or never. */
export const ECHO_SETTINGS = ['auto', 'off'] as const
export type EchoSetting = (typeof ECHO_SETTINGS)[number]

/** Remembered by this browser. */
export const echoSetting = subject<EchoSetting>(kept('echo') === 'off' ? 'off' : 'auto')

export function chooseEcho(chosen: EchoSetting): void {
  echoSetting.set(chosen)
  keep('echo', chosen === 'auto' ? null : chosen)
}
