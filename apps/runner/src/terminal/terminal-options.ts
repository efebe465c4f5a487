import { printable } from '@latchkey/protocol/printable'
import type { PastFacts } from '../past/past-handle.ts'
import type { LineModes } from '../pty/line-mode.ts'
import type { Recordings } from '../recording/recordings.ts'
import type { Screens } from '../screens/screens.ts'

/** An emulator that has nothing to draw and was asked nothing lives so much longer, also under the eyes of viewers. */
export const REST_AFTER_MS = 10_000

/** What the wire lets a name be. */
const NAME_CHARS_MAX = 64
export const cleanName = (name: string): string => printable(name, NAME_CHARS_MAX)

/** What a terminal is made with. */
export interface TerminalOptions {
  readonly screens: Screens
  readonly lineModes: LineModes
  /** null: nothing is recorded */
  readonly recordings: Recordings | null
  /** an emulator that has nothing to draw lives so much longer; `REST_AFTER_MS` by default */
  readonly restAfterMs?: number
  /** for a terminal of before */
  readonly past?: PastFacts | null
}

export interface TerminalEvents {
  /** name, size, owner, watchers, exit or recording have changed */
  onChanged(): void
  /** the program has ended, all its output has been produced */
  onExit(): void
}
