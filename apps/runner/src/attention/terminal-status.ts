import type { RunnerMessage } from '@latchkey/protocol/terminal/messages'

/** What a terminal's program is doing. All text in it is untrusted. */
export type TerminalStatus = Omit<Extract<RunnerMessage, { readonly type: 'status' }>, 'type'>

export interface StatusListener {
  changed(status: TerminalStatus): void
  gone(terminal: number): void
}
