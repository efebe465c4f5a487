import type { AppLink, Machine } from '@latchkey/connection/app/link'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import type { KnownRunner } from '../../runner-book.ts'
import type { OpenTerminal } from '../front.ts'
import type { Input } from '../keys/input.ts'
import type { Screen } from '../screen/screen.ts'

/** The state that the parts of the terminal page draw. */
export interface OpenTerminalProps {
  readonly runner: KnownRunner
  readonly link: AppLink
  readonly machine: Machine | null
  readonly machineName: string
  readonly terminals: readonly TerminalInfo[]
  readonly info: TerminalInfo | null
  readonly screen: Screen | null
  readonly stale: boolean
  readonly unseen: readonly number[]
  readonly failure: string | null
  readonly onFront: (terminal: number) => void
  readonly onNew: () => void
  readonly onOpen: OpenTerminal
  /** this browser came by a share link: it sees one terminal, and manages nothing */
  readonly isGuest?: boolean
}

/** The same while a terminal is in front. */
export interface FrontProps extends OpenTerminalProps {
  readonly info: TerminalInfo
  readonly screen: Screen
  readonly name: string
  readonly input: Input
  /** false as well when its program has ended */
  readonly mayType: boolean
}
