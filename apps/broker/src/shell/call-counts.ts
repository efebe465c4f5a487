import type { Call } from '@latchkey/protocol/call'
import { appCalls, runnerCalls, terminalCalls } from '@latchkey/protocol/runner-pairing'

/** How often a call was answered in one way since the process started. */
export interface CallCount {
  /** its name on the wire */
  readonly call: string
  /** `success`, or the code of the refusal */
  readonly outcome: string
  readonly count: number
}

const NAMES: ReadonlyMap<Call, string> = new Map(
  Object.entries({ ...runnerCalls, ...appCalls, ...terminalCalls }).map(([name, call]) => [call, name]),
)

/** Counts the calls of runners and apps by how they were answered: both are words of the wire, so there are few of them. */
export class CallCounts {
  readonly #counts = new Map<string, CallCount>()

  answered(call: Call, outcome: string): void {
    const name = NAMES.get(call) ?? 'other'
    const key = `${name} ${outcome}`
    this.#counts.set(key, { call: name, outcome, count: (this.#counts.get(key)?.count ?? 0) + 1 })
  }

  counts(): readonly CallCount[] {
    return [...this.#counts.values()]
  }
}
