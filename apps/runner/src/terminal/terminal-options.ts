import type { PastFacts } from '../past/past-handle.ts'
import type { LineModes } from '../pty/line-mode.ts'
import type { Screens } from '../screens/screens.ts'

export interface TerminalEvents {
  /** name, size, owner, watchers or exit have changed */
  onChanged(): void
  /** the program has ended, all its output has been produced */
  onExit(): void
}

export interface TerminalOptions {
  readonly screens: Screens
  readonly lineModes: LineModes
  /** an emulator that is not needed lives so much longer */
  readonly restAfterMs?: number
  /** for a terminal of before */
  readonly past?: PastFacts | null
}
