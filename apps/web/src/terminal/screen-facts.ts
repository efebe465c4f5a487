import type { HeldInput } from '@latchkey/connection/app/link'
import type { Size } from '@latchkey/protocol/terminal/streams'

/** How a screen that is wider than this window is shown. */
export type WideView = 'follow' | 'fit'

/** What a page shows about one screen besides the screen itself. */
export interface ScreenFacts {
  readonly pendingCount: number
  readonly held: HeldInput | null
  /** the lines typed into a password question are never shown */
  readonly secret: boolean
  readonly gapBytes: number | null
  readonly exit: { readonly code: number; readonly signal: number | null } | null
  /** the terminal is no more: closed by somebody */
  readonly gone: boolean
  readonly unseenOutput: boolean
  readonly atEnd: boolean
  readonly atTop: boolean
  readonly earlier: 'unknown' | 'loading' | 'none'
  /** there was more input waiting than is kept */
  readonly full: boolean
  readonly size: Size | null
}

export const NO_FACTS: ScreenFacts = {
  pendingCount: 0,
  held: null,
  secret: false,
  gapBytes: null,
  exit: null,
  gone: false,
  unseenOutput: false,
  atEnd: true,
  atTop: false,
  earlier: 'unknown',
  full: false,
  size: null,
}
