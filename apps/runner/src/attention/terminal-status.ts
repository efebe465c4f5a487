import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'

/** What a terminal's program is doing, as apps are told. All text in it is untrusted. */
export type TerminalStatus = Omit<Extract<RunnerMessage, { readonly type: 'status' }>, 'type'>

export interface StatusListener {
  /** Something happened. What was so when this runner began is in `current` alone. */
  changed(status: TerminalStatus): void
  gone(terminal: number): void
}

/** What an adapter knows from the agent itself. */
export type AdapterWord = Pick<TerminalStatus, 'state' | 'kind' | 'program' | 'message'>
