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
  switch (state.status) {
    case 'live':
    case 'catching-up': {
      const count = terminalCount === 0 ? machines.noTerminals : machines.terminals(terminalCount)
      return { dot: 'ok', facts: `${machines.online} · ${count}`, online: true }
    }
    case 'connecting':
    case 'reconnecting':
      return {
        dot: 'warn',
        facts: state.failure === null ? machines.looking : machines.brokerSilent,
        online: false,
      }
    case 'machine-offline':
      return {
        dot: 'off',
        facts: machines.offlineSince(moment(state.lastSeenAtMs ?? state.sinceMs, nowMs, words)),
        online: false,
      }
    case 'pin-wanted':
      return { dot: 'warn', facts: machines.pinWanted, online: false }
    case 'refused':
      return { dot: 'off', facts: words.link.refused, online: false }
    case 'ended':
      if (state.reason === 'not-a-node') return { dot: 'off', facts: machines.signedOut, online: false }
      return { dot: 'off', facts: machines.pairingEnded, online: false }
    case 'unpaired':
      return { dot: 'off', facts: machines.pairingEnded, online: false }
  }
}
