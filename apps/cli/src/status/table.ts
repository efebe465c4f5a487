import type { ConsoleEvent, RunnerView } from '@latchkey/protocol/console'
import { printable } from '@latchkey/protocol/printable'
import type { KeeperReport } from '../keeper/ask-keeper.ts'
import { counted } from '../up/facts.ts'

/** Why no new app can pair with the runner here; null when they can. */
type LockReason = 'guessing' | 'owner' | null
const LOCKED_BY = { guessing: 'ten wrong PINs in a row', owner: 'you said so' } as const

/** The overview for people: one line about the broker, then the runners with their apps, and whether the one here is locked. */
export function statusLines(overview: ConsoleEvent, url: string, locked: LockReason = null): string[] {
  const { health, runners, serverTime } = overview
  const store = health.store.ok ? health.store.kind : `${health.store.kind}, not answering`
  return [
    `Broker   ${url}   up ${duration(serverTime - health.startedAt)}   store ${store}   ${health.version}`,
    ...(runners.length === 0
      ? ['No runner has registered.']
      : runners.flatMap((runner) => runnerLines(runner, serverTime))),
    ...(locked === null
      ? []
      : [
          `Locked   no new app can pair with this machine: ${LOCKED_BY[locked]}. Open it again with: latchkey unlock`,
        ]),
  ]
}

function runnerLines(runner: RunnerView, now: number): string[] {
  const seen = runner.lastSeenAt === null ? 'never seen' : `seen ${duration(now - runner.lastSeenAt)} ago`
  const way = runner.roundTripMs === null ? '' : `, ${Math.round(runner.roundTripMs)} ms`
  const status = runner.status === 'online' ? `online${way}` : `${runner.status}, ${seen}`
  const apps = runner.apps.map((app) => {
    const state = app.connected ? 'connected' : 'away'
    return `  App    ${printable(app.label).padEnd(24)} ${state.padEnd(10)} ${printable(app.address)}`
  })
  const none = apps.length === 0 ? ['  no app paired'] : []
  const channels = counted(runner.channels, 'live channel')
  return [`Runner   ${printable(runner.label).padEnd(24)} ${status}   ${channels}`, ...apps, ...none]
}

/** The process that keeps terminals, and each of its programs that runs, with its age and size. `recorded`: numbers of terminals. */
export function keeperLines(
  { pid, startedAtMs, terminals }: KeeperReport,
  nowMs: number,
  recorded: ReadonlySet<number> = new Set(),
): string[] {
  const open = counted(terminals.length, 'terminal')
  return [
    `Keeper   process ${pid}   up ${duration(nowMs - startedAtMs)}   ${open}`,
    ...terminals.map(({ terminal, name, cols, rows, startedAtMs: since, pid: shell }) => {
      const size = `${cols}x${rows}`
      return `  Terminal ${printable(name).padEnd(21)} ${duration(nowMs - since).padEnd(10)} ${size.padEnd(9)} process ${shell}${recorded.has(terminal) ? '   recording' : ''}`
    }),
  ]
}

/** Terminals that ended with the machine or the keeper; nothing when there are none. */
export const pastLines = (past: number): string[] =>
  past === 0 ? [] : [`Past     ${counted(past, 'terminal')} of before, with the last screen: see an app`]

/** The largest unit alone: "41 s", "3 min", "2 h", "5 d". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}
