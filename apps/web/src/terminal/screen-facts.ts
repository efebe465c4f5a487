import type { HeldInput } from '@latchkey/connection/app/link'
import type { Size } from '@latchkey/protocol/terminal/streams'

/** How a screen that is wider than this window is shown. */
export type WideView = 'follow' | 'fit'

/** What a page shows about one screen besides the screen itself. */
export interface ScreenFacts {
  readonly pendingCount: number
  readonly held: HeldInput | null
  /** the program reads a secret: what is typed into it is never shown and never kept */
  readonly secret: boolean
  /** the program listens to the mouse, so a finger scrolls it unless the person wants the lines here */
  readonly mouse: boolean
  readonly scrollsHere: boolean
  /** what a program wants on this device's clipboard; the newest */
  readonly copied: { readonly text: string } | null
  /** larger than the window, which then is moved over it */
  readonly pans: boolean
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
  mouse: false,
  scrollsHere: false,
  copied: null,
  pans: false,
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
