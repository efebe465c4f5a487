import { type HistoryEntry, type HistoryShelf, shelfOf } from '@latchkey/domain/audit/history'
import type { Instant } from '@latchkey/domain/kernel'
import type { RecordKind, Write } from '@latchkey/domain/runner-pairing/ports'
import type { CodeClaim, RunnerRecord } from '@latchkey/domain/runner-pairing/records'
import { defaultPairingRules } from '@latchkey/domain/runner-pairing/rules'
import type { Command } from './command.ts'
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
import { ABSENT, recordText, redisKey } from './record-text.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

/**
 * No key lives for ever: a key without an end of its own goes after so long without a read or write. Longer than a
 * pairing lives unused, so that a runner’s record, with its generation, outlives every pairing that names it.
 */
const KEPT_MS = 90 * DAY_MS

/** Redis's expiry only sweeps: a record stays this much longer than its deadline, whatever the server's clock does. */
const SWEPT_LATER_MS = 60 * 60 * 1_000

export const HISTORY_PLACE = 'latchkey:history:'
export const historyKey = (shelf: HistoryShelf): string => HISTORY_PLACE + shelf

/**
 * What a decision writes, as commands. `wrote` hears the version of each record that is put and the length of its text, and
 * null of each that goes.
 *
 * @param nextVersion gives each text a version of its own
 */
export function writeCommands(
  writes: readonly Write[],
  before: Before,
  now: Instant,
  nextVersion: () => string,
  wrote: (write: Write, put: { readonly version: string; readonly chars: number } | null) => void,
): Command[] {
  const commands: Command[] = []
  const puts: ({ readonly version: string; readonly chars: number } | null)[] = []
  for (const write of writes) {
    if ('drop' in write) {
      commands.push(...dropped(write.drop, write.id, before))
      puts.push(null)
      continue
    }
    const kept = { value: write.value, sweepAt: write.sweepAt }
    const version = nextVersion()
    const text = recordText(foundingFields(write, writes, before), kept, version)
    const keptMs = keptFor(write, writes, before, now)
    commands.push(['SET', redisKey(write.put, write.id), text, 'PX', keptMs])
    commands.push(...shown(write, writes, before, keptMs, now))
    puts.push({ version, chars: text.length })
  }
  // Only now, since the former records are read until here.
  for (const [index, write] of writes.entries()) wrote(write, puts[index] ?? null)
  return commands
}

/** How long a record is kept, in milliseconds. */
function keptFor(write: Put, writes: readonly Write[], before: Before, now: Instant): number {
  if (write.sweepAt !== null) return Math.max(0, write.sweepAt - now) + SWEPT_LATER_MS
  if (write.put !== 'code' || write.value.status !== 'live') return KEPT_MS
  const held = heldAfter(write.id, write.value.runnerId, writes, before)
  if (held === undefined || held.usedCount > 0) return KEPT_MS
  // An unused code lives until its deadline, and is told apart from one that never was for a while longer.
  return Math.max(0, held.expiresAt - now) + defaultPairingRules.tombstoneMs + SWEPT_LATER_MS
}

/** The newest `historyKept` of each shelf, the newest first. */
export function historyCommands(entries: readonly HistoryEntry[], historyKept: number): readonly Command[] {
  return entries.flatMap((entry): readonly Command[] => {
    const key = historyKey(shelfOf(entry.outcome))
    return [['LPUSH', key, JSON.stringify(entry)], ['LTRIM', key, 0, historyKept - 1], renewal(key)]
  })
}

/** Gives a key its time anew. */
export const renewal = (key: string): Command => ['PEXPIRE', key, KEPT_MS]

/** All that is kept for a runner's sake gets its time anew together. */
export const runnerRenewals = ({ runnerId, code }: RunnerRecord): readonly Command[] =>
  [
    redisKey('runner', runnerId),
    redisKey('apps', runnerId),
    runnerAppsKey(runnerId),
    // An unused code has an end of its own, and its keys with it.
    ...(code && code.usedCount > 0 ? [redisKey('code', code.code), runnerCodeKey(runnerId)] : []),
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
function shown(
  write: Put,
  writes: readonly Write[],
  before: Before,
  keptMs: number,
  now: Instant,
): readonly Command[] {
  switch (write.put) {
    case 'runner':
      return [
        ...runnerCommands(write.id, write.value, before, { keptMs, now }),
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
 * A use is counted in the runner’s record; the founding view counts it with the code. The claim itself and its version
 * do not change, so other brokers need not read it again.
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
  const key = redisKey('code', held.code)
  // From its first use on it lives until its runner goes.
  return [held.usedCount > 1 ? ['SET', key, text, 'KEEPTTL'] : ['SET', key, text, 'PX', KEPT_MS]]
}

/** A record that was seen to be absent need not be deleted. */
function dropped(kind: RecordKind, id: string, before: Before): readonly Command[] {
  const { seen, version } = before(kind, id)
  if (seen && version === ABSENT) return []
  const commands: Command[] = [['DEL', redisKey(kind, id)]]
  if (kind === 'apps') commands.push(['DEL', runnerAppsKey(id)])
  if (kind === 'runner') commands.push(...runnerCommands(id, undefined, before, { keptMs: 0, now: null }))
  return commands
}
