import { type HistoryEntry, type HistoryShelf, shelfOf } from '@latchkey/domain/audit/history'
import type { Instant } from '@latchkey/domain/kernel'
import type { RecordKind, Records, Write } from '@latchkey/domain/runner-pairing/ports'
import type { CodeClaim, RunnerRecord } from '@latchkey/domain/runner-pairing/records'
import type { Command } from './commit.ts'
import {
  appsCommands,
  type Before,
  foundingCode,
  foundingSession,
  heldAfter,
  runnerAppsKey,
  runnerCodeKey,
  runnerCommands,
} from './founding-keys.ts'
import { recordText, redisKey } from './record-text.ts'

/** What one decision writes, as commands; and the texts of its records, by the writes they came from. */
export interface Written {
  readonly commands: readonly Command[]
  readonly texts: ReadonlyMap<Write, string>
}

const DAY_MS = 24 * 60 * 60 * 1_000

/**
 * No key lives for ever: what has no end of its own goes when it was neither written nor read for so long. Longer than a
 * pairing lives unused, so that a runner's record, with its generation, outlives every pairing that names it.
 */
const KEPT_MS = 90 * DAY_MS

/** Redis's expiry only sweeps: a record stays this much longer than its deadline, whatever the server's clock does. */
const SWEPT_LATER_MS = 60 * 60 * 1_000

/** A record in use is given its time anew this often at most by one process. */
export const RENEWED_EVERY_MS = DAY_MS

export const historyKey = (shelf: HistoryShelf): string => `latchkey:history:${shelf}`

/** @param versionOf gives each record it is asked about a version */
export function writeCommands(
  writes: readonly Write[],
  before: Before,
  now: Instant,
  nextVersion: () => string,
): Written {
  const texts = new Map<Write, string>()
  const commands = writes.flatMap((write): readonly Command[] => {
    const key = redisKey(
      'drop' in write ? { kind: write.drop, id: write.id } : { kind: write.put, id: write.id },
    )
    if ('drop' in write) return [{ name: 'DEL', key, args: [] }, ...dropped(write.drop, write.id, before)]
    const text = recordText(
      foundingFields(write, writes, before),
      { value: write.value, sweepAt: write.sweepAt },
      nextVersion(),
    )
    texts.set(write, text)
    const keptMs = write.sweepAt === null ? KEPT_MS : Math.max(0, write.sweepAt - now) + SWEPT_LATER_MS
    return [{ name: 'SET', key, args: [text, 'PX', keptMs] }, ...shown(write, writes, before, keptMs)]
  })
  return { commands, texts }
}

/** The newest `historyKept` of each shelf, the newest first. */
export function historyCommands(entries: readonly HistoryEntry[], historyKept: number): readonly Command[] {
  return entries.flatMap((entry) => {
    const key = historyKey(shelfOf(entry.outcome))
    return [
      { name: 'LPUSH', key, args: [JSON.stringify(entry)] },
      { name: 'LTRIM', key, args: [0, historyKept - 1] },
    ]
  })
}

export const renewal = (key: string): Command => ({ name: 'PEXPIRE', key, args: [KEPT_MS] })

/** All that is kept for a runner's sake gets its time anew together. */
export const runnerRenewals = ({ runnerId, code }: RunnerRecord): readonly Command[] =>
  [
    redisKey({ kind: 'runner', id: runnerId }),
    redisKey({ kind: 'apps', id: runnerId }),
    runnerAppsKey(runnerId),
    ...(code ? [redisKey({ kind: 'code', id: code.code }), runnerCodeKey(runnerId)] : []),
  ].map(renewal)

type Put = Extract<Write, { readonly put: RecordKind }>

function foundingFields(
  write: Put,
  writes: readonly Write[],
  before: Before,
): Readonly<Record<string, unknown>> {
  switch (write.put) {
    case 'code':
      return codeFields(write.id, write.value, writes, before)
    case 'session':
      return foundingSession(write.value, true)
    case 'runner':
    case 'apps':
    case 'budget':
    case 'node':
    case 'operator':
      return {}
  }
}

function codeFields(code: string, claim: CodeClaim, writes: readonly Write[], before: Before) {
  if (claim.status === 'live') {
    return foundingCode(code, claim.runnerId, heldAfter(code, claim.runnerId, writes, before), true)
  }
  const last = before('code', code).value
  if (last?.status !== 'live') return foundingCode(code, '', undefined, false)
  return foundingCode(code, last.runnerId, before('runner', last.runnerId).value?.code ?? undefined, false)
}

/** What else a written record changes in the founding view. */
function shown(write: Put, writes: readonly Write[], before: Before, keptMs: number): readonly Command[] {
  switch (write.put) {
    case 'runner':
      return [
        ...runnerCommands(write.id, write.value, before, keptMs),
        ...countedUse(write.value, writes, before),
      ]
    case 'apps':
      return appsCommands(write.id, write.value, before, keptMs)
    case 'code':
    case 'session':
    case 'budget':
    case 'node':
    case 'operator':
      return []
  }
}

/**
 * A use is counted in the runner's record; the founding view counts it with the code. The claim itself is what it was, and so
 * is its version: nobody who read it has to read it again.
 */
function countedUse(after: RunnerRecord, writes: readonly Write[], before: Before): readonly Command[] {
  const held = after.code
  if (!held || before('runner', after.runnerId).value?.code?.usedCount === held.usedCount) return []
  const { value, version } = before('code', held.code)
  if (
    value?.status !== 'live' ||
    writes.some((write) => 'put' in write && write.put === 'code' && write.id === held.code)
  )
    return []
  const founding = foundingCode(held.code, after.runnerId, held, true)
  const text = recordText(founding, { value, sweepAt: null }, version)
  return [{ name: 'SET', key: redisKey({ kind: 'code', id: held.code }), args: [text, 'KEEPTTL'] }]
}

function dropped(kind: keyof Records, id: string, before: Before): readonly Command[] {
  if (kind === 'apps') return [{ name: 'DEL', key: runnerAppsKey(id), args: [] }]
  return kind === 'runner' ? runnerCommands(id, undefined, before, 0) : []
}
