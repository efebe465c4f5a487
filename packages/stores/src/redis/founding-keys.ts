import type { Instant } from '@latchkey/domain/kernel'
import type { RecordKind, Records, Write } from '@latchkey/domain/runner-pairing/ports'
import type { AppSession, HeldCode, RunnerRecord } from '@latchkey/domain/runner-pairing/records'
import type { Command } from './command.ts'
import { idText } from './record-text.ts'

/*
 * What the founding documents (seeds 000 and 002) promise to every client of the same Redis. These keys are a view of the
 * records, written with them in one step; nothing here reads them.
 */

/** What a decision saw of a record before it wrote; `seen` is false when it never looked. */
export interface Seen<K extends RecordKind> {
  readonly seen: boolean
  readonly value: Records[K] | undefined
  readonly version: string
}
export type Before = <K extends RecordKind>(kind: K, id: string) => Seen<K>

/** The stored stamp expires after this, whatever the lease. */
export const HEARTBEAT_KEPT_MS = 60_000

/** Redis unpacks a command's arguments on a stack that ends. */
const MEMBERS_MAX = 500

/** What stands before the runner's id in the founding keys. */
export const RUNNER_CODE_PLACE = 'pairing:runner:'
export const RUNNER_APPS_PLACE = 'pairing:apps:'
export const HEARTBEAT_PLACE = 'runner:heartbeat:'

export const runnerCodeKey = (runnerId: string): string => RUNNER_CODE_PLACE + idText(runnerId)
export const runnerAppsKey = (runnerId: string): string => RUNNER_APPS_PLACE + idText(runnerId)
export const heartbeatKey = (runnerId: string): string => HEARTBEAT_PLACE + idText(runnerId)

/** The founding fields of a code. One that is held nowhere any more tells no times. */
export const foundingCode = (
  code: string,
  runnerId: string,
  held: HeldCode | undefined,
  isActive: boolean,
) => ({
  code,
  runnerId,
  createdAt: held?.createdAt ?? 0,
  expiresAt: held?.expiresAt ?? 0,
  usedCount: held?.usedCount ?? 0,
  isActive,
})

/** The founding fields of a session. */
export const foundingSession = ({ appSessionId, runnerId, pairedAt }: AppSession, isActive: boolean) => ({
  appSessionId,
  runnerId,
  pairedAt,
  isActive,
})

/** What a runner's record shows outside: the code it can be found by, and its last heartbeat. */
export function runnerCommands(
  id: string,
  after: RunnerRecord | undefined,
  before: Before,
  kept: KeptFor,
): readonly Command[] {
  const { seen, value } = before('runner', id)
  return [...codeIndex(id, after, seen, value, kept), ...heartbeatStamp(id, after, seen, value)]
}

/** For how many milliseconds a runner's record is kept, and the time now; null for a record that goes. */
interface KeptFor {
  readonly keptMs: number
  readonly now: Instant | null
}

function codeIndex(
  id: string,
  after: RunnerRecord | undefined,
  seen: boolean,
  before: RunnerRecord | undefined,
  { keptMs, now }: KeptFor,
): readonly Command[] {
  const was = before?.code
  const is = after?.code
  const isUsed = (is?.usedCount ?? 0) > 0
  if (seen && was?.code === is?.code && (was?.usedCount ?? 0) > 0 === isUsed) return []
  const key = runnerCodeKey(id)
  if (!is || now === null) return [['DEL', key]]
  // The way back to an unused code ends by itself when the code does.
  return [['SET', key, is.code, 'PX', isUsed ? keptMs : Math.max(1, is.expiresAt - now)]]
}

function heartbeatStamp(
  id: string,
  after: RunnerRecord | undefined,
  seen: boolean,
  before: RunnerRecord | undefined,
): readonly Command[] {
  const was = before?.presence.status === 'online' ? before.presence.heartbeatAt : null
  const is = after?.presence.status === 'online' ? after.presence.heartbeatAt : null
  if (seen && was === is) return []
  const key = heartbeatKey(id)
  return [is === null ? ['DEL', key] : ['SET', key, is, 'PX', HEARTBEAT_KEPT_MS]]
}

/**
 * The changes that turn the set of a runner’s apps from the seen one into the new one; the whole set when it was not
 * read.
 */
export function appsCommands(
  id: string,
  after: readonly string[],
  before: Before,
  keptMs: number,
): readonly Command[] {
  const key = runnerAppsKey(id)
  const { seen, value = [] } = before('apps', id)
  const was = new Set(value)
  const is = new Set(after)
  const came = seen ? after.filter((app) => !was.has(app)) : after
  const left = seen ? value.filter((app) => !is.has(app)) : []
  const commands: Command[] = seen ? [] : [['DEL', key]]
  for (const portion of inPortions(left)) commands.push(['SREM', key, ...portion])
  for (const portion of inPortions(came)) commands.push(['SADD', key, ...portion])
  // A set that exists keeps the time it has.
  if (came.length > 0 && (!seen || value.length === 0)) commands.push(['PEXPIRE', key, keptMs])
  return commands
}

/** The held code that a claim is about, as it stands after the writes. */
export function heldAfter(
  code: string,
  runnerId: string,
  writes: readonly Write[],
  before: Before,
): HeldCode | undefined {
  const written = writes.find((write) => 'put' in write && write.put === 'runner' && write.id === runnerId)
  const runner =
    written && 'put' in written && written.put === 'runner' ? written.value : before('runner', runnerId).value
  return runner?.code?.code === code ? runner.code : undefined
}

function inPortions(members: readonly string[]): readonly (readonly string[])[] {
  const portions: string[][] = []
  for (let first = 0; first < members.length; first += MEMBERS_MAX)
    portions.push(members.slice(first, first + MEMBERS_MAX))
  return portions
}
