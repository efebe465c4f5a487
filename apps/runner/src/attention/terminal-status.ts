import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'

/** What a terminal's program is doing. All text in it is untrusted. */
export type TerminalStatus = Omit<Extract<RunnerMessage, { readonly type: 'status' }>, 'type'>

export interface StatusListener {
  /** The status is another one than before. The first status after a start of the runner is in `current` alone. */
  changed(status: TerminalStatus): void
  gone(terminal: number): void
}

/** What an adapter knows from the agent itself. */
export type AdapterWord = Pick<TerminalStatus, 'state' | 'kind' | 'program' | 'message'>
