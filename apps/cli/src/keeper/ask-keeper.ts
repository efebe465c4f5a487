import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { keeperFolderIn } from '@latchkey/runner/keeper/keeper-folder'
import type { FromKeeper, KeptTerminalInfo } from '@latchkey/runner/keeper/keeper-messages'
import { NoKeeper, reachKeeper } from '@latchkey/runner/keeper/reach-keeper'
import { erasePastOf, type PastKey, pastFolderIn, pastKeysIn } from '@latchkey/runner/past/past-folder'

/** HUP, a grace time of three seconds, KILL, and the last output. */
const END_WITHIN_MS = 10_000

/** What the process that keeps terminals told. */
export interface KeeperReport {
  readonly pid: number
  /** epoch milliseconds */
  readonly startedAtMs: number
  readonly terminals: readonly KeptTerminalInfo[]
}

/** A running program that is kept, as programs are told of it. */
export const terminalOf = ({ terminal, name, pid, cols, rows, startedAtMs }: KeptTerminalInfo) => ({
  terminal,
  name,
  pid,
  cols,
  rows,
  startedAtMs,
})

/** What the keeper of this data directory has; null when there is none, a sentence when it cannot be asked. */
export async function askKeeper(dataDir: string): Promise<KeeperReport | string | null> {
  const asked = await connected(dataDir)
  if (asked === null || typeof asked === 'string') return asked
  asked.close()
  return asked.report
}

/** Ends every program that is kept for this data directory, and waits for that, but not for ever. */
export async function endKeptTerminals(dataDir: string): Promise<void> {
  const asked = await connected(dataDir)
  if (asked === null || typeof asked === 'string') return
  // Closed by their owner: they are not terminals of before, whatever is on disk.
  asked.endAll()
  await Promise.race([asked.over, wait(END_WITHIN_MS)])
  asked.close()
  erasePastOf(pastFolderIn(join(dataDir, 'runner')), asked.report.terminals)
}

/** Terminals of which this data directory has a last screen and that do not run: `kept` is what the keeper told. */
export function pastTerminalsOf(dataDir: string, kept: KeeperReport | null): number {
  const keyOf = ({ terminal, startedAtMs }: PastKey) => `${startedAtMs}-${terminal}`
  const living = new Set(kept?.terminals.map(keyOf))
  return pastKeysIn(pastFolderIn(join(dataDir, 'runner'))).filter((key) => !living.has(keyOf(key))).length
}

async function connected(dataDir: string) {
  const folder = keeperFolderIn(join(dataDir, 'runner'))
  const heard: FromKeeper[] = []
  let end: () => void = () => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  try {
    const port = await reachKeeper(folder, 'owner', {
      hear: (message) => heard.push(message),
      lost: () => end(),
    })
    if (typeof port === 'string') return null
    const welcome = heard.find((message) => message.type === 'welcome')
    if (welcome === undefined) return null
    const terminals = heard.flatMap((message) =>
      message.type === 'listed' && message.info.exit === null ? [message.info] : [],
    )
    const report: KeeperReport = { pid: welcome.pid, startedAtMs: welcome.startedAtMs, terminals }
    return { report, over, endAll: () => port.send({ type: 'endAll' }), close: () => port.close() }
  } catch (problem) {
    if (problem instanceof NoKeeper) return problem.message
    throw problem
  }
}
