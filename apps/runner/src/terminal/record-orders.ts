import type { Recordings, Running } from '../recording/recordings.ts'
import type { HostedTerminal } from './terminal.ts'
import type { Terminals } from './terminals.ts'

/** What became of the owner's order to begin or to end a recording. */
export type RecordAnswer =
  | { readonly ok: true; readonly recordings: readonly Running[] }
  | {
      readonly ok: false
      readonly code: 'NO_SUCH_TERMINAL' | 'AMBIGUOUS' | 'FAILED'
      readonly message: string
    }

/** The owner's orders about recordings. */
export interface RecordOrders {
  readonly running: () => readonly Running[]
  /** @param said a terminal's number or its name */
  readonly record: (said: string, on: boolean) => Promise<RecordAnswer>
}

export const recordOrders = (terminals: Terminals, recordings: Recordings | null): RecordOrders => ({
  running: () => recordings?.running ?? [],
  record: async (said, on) => {
    const found = findTerminal(terminals, said)
    if (!found.ok) return found
    const { terminal } = found
    const its = () => (recordings?.running ?? []).filter((one) => one.terminal === terminal.number)
    if (on) {
      const problem = await terminal.recording.start(terminal.askScreen)
      return problem === null
        ? { ok: true, recordings: its() }
        : { ok: false, code: 'FAILED', message: problem }
    }
    const before = its()
    await terminal.recording.stop()
    return { ok: true, recordings: before }
  },
})

/** The one terminal of that name or number. */
export function findTerminal(
  terminals: Terminals,
  said: string,
): { readonly ok: true; readonly terminal: HostedTerminal } | Extract<RecordAnswer, { readonly ok: false }> {
  const found = terminalsCalled(terminals, said)
  const [terminal] = found
  if (terminal === undefined)
    return {
      ok: false,
      code: 'NO_SUCH_TERMINAL',
      message: 'No terminal of that name or number is open here.',
    }
  const numbers = found.map(({ number }) => number).join(', ')
  if (found.length === 1) return { ok: true, terminal }
  return {
    ok: false,
    code: 'AMBIGUOUS',
    message: `${found.length} terminals are called that. Say the number: ${numbers}.`,
  }
}

function terminalsCalled(terminals: Terminals, said: string): readonly HostedTerminal[] {
  const named = terminals.list.filter(({ name }) => name === said)
  const numbered = terminals.list.filter(({ terminal }) => String(terminal) === said)
  return (named.length > 0 ? named : numbered).flatMap(({ terminal }) => terminals.get(terminal) ?? [])
}
