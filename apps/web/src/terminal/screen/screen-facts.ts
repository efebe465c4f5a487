import type { HeldInput } from '@latchkey/connection/app/link'
import type { Size } from '@latchkey/protocol/terminal/streams'

/** How a screen that is wider than this window is shown. */
export type WideView = 'follow' | 'fit'

/** The facts that a page shows beside one screen. */
export interface ScreenFacts {
  readonly pendingCount: number
  /** some of the pending input is a secret */
  readonly pendingSecret: boolean
  readonly held: HeldInput | null
  /** the program reads a secret: input is never shown and never kept */
  readonly secret: boolean
  /** the program listens to the mouse, so a finger scrolls it unless the person wants the lines here */
  readonly mouse: boolean
  readonly scrollsHere: boolean
  /** the newest text that a program wants on this device's clipboard */
  readonly copied: { readonly text: string } | null
  /** larger than the window, which then is moved over it */
  readonly pans: boolean
  readonly gapBytes: number | null
  readonly exit: { readonly code: number; readonly signal: number | null } | null
  /** the terminal was closed */
  readonly gone: boolean
  readonly unseenOutput: boolean
  readonly atEnd: boolean
  readonly atTop: boolean
  readonly earlier: 'unknown' | 'loading' | 'none'
  /**
   * The queue of input is full: the last piece waits, was refused as a whole, or is larger than any that is taken. Null:
   * there is room.
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
