import type { LinkState } from '@latchkey/connection/app/link-state'
import type { Words } from '../words/en.ts'
import { moment } from '../words/times.ts'

/** How a machine stands in the list: its dot, and one line of facts. */
export interface RunnerWords {
  readonly dot: 'ok' | 'warn' | 'off'
  readonly facts: string
  readonly online: boolean
}

export function runnerWords(
  state: LinkState,
  terminalCount: number,
  nowMs: number,
  words: Words,
): RunnerWords {
  const { machines } = words
  const away = (dot: 'warn' | 'off', facts: string): RunnerWords => ({ dot, facts, online: false })
  switch (state.status) {
    case 'live':
    case 'catching-up': {
      const count = terminalCount === 0 ? machines.noTerminals : machines.terminals(terminalCount)
      return { dot: 'ok', facts: `${machines.online} · ${count}`, online: true }
    }
    case 'connecting':
    case 'reconnecting':
      return away('warn', state.failure === null ? machines.looking : machines.brokerSilent)
    case 'machine-offline':
      return away('off', machines.offlineSince(moment(state.lastSeenAtMs ?? state.sinceMs, nowMs, words)))
    case 'pin-wanted':
      return away('warn', machines.pinWanted)
    case 'refused':
      return away('off', words.link.refused)
    case 'ended':
      return away('off', state.reason === 'not-a-node' ? machines.signedOut : machines.pairingEnded)
    case 'unpaired':
      return away('off', machines.pairingEnded)
  }
}
