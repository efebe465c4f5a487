import type { HeldInput } from '@latchkey/connection/app/link'
import type { Size } from '@latchkey/protocol/terminal/streams'

/** How a screen that is wider than this window is shown. */
export type WideView = 'follow' | 'fit'

/** What a page shows about one screen besides the screen itself. */
export interface ScreenFacts {
  readonly pendingCount: number
  /** some of what is pending was typed into a question for a secret */
  readonly pendingSecret: boolean
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
  /**
   * More input waits than is kept: what was typed last waits here, or was refused as a whole, or is more than is ever taken
   * at once. Null: there is room.
   */
  readonly full: 'waiting' | 'refused' | 'too-large' | null
  readonly size: Size | null
}

export const NO_FACTS: ScreenFacts = {
  pendingCount: 0,
  pendingSecret: false,
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
  full: null,
  size: null,
}
