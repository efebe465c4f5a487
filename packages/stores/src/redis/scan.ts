import { type HistoryEntry, type HistoryQuery, isAudited, pageOf } from '@latchkey/domain/audit/history'
import type { RecordKind, Records } from '@latchkey/domain/runner-pairing/ports'
import type { Redis } from 'ioredis'
import { placeOf, readText } from './record-text.ts'
import { historyKey } from './write-commands.ts'

/** Keys looked at in one step: some thousandths of a second of the server's time. */
export const STEP_KEYS = 500

/** Every record of one kind that is there all the while; one that comes or goes meanwhile may be missed. */
export async function* records<K extends RecordKind>(redis: Redis, kind: K): AsyncGenerator<Records[K]> {
  const seen = new Set<string>()
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${placeOf(kind)}*`, 'COUNT', STEP_KEYS)
    cursor = next
    // A key may be met twice while Redis grows its table.
    const wanted = keys.filter((key) => !seen.has(key))
    for (const key of wanted) seen.add(key)
    if (wanted.length === 0) continue
    for (const text of await redis.mget(wanted)) {
      const told = text === null ? null : readText<K>(text)
      if (told?.format === 'known') yield told.value
    }
  } while (cursor !== '0')
}

/** Redis is no place for what must last: its audit is what the newest attempts hold of it. */
export async function readHistory(redis: Redis, query: HistoryQuery): Promise<readonly HistoryEntry[]> {
  const shelves = await Promise.all(
    (['successes', 'failures'] as const).map((shelf) => redis.lrange(historyKey(shelf), 0, -1)),
  )
  const newest = shelves
    .flat()
    .map((text): HistoryEntry => JSON.parse(text))
    .filter((entry) => !query.audit || isAudited(entry.outcome))
    .sort((a, b) => b.at - a.at)
  return pageOf(newest, query)
}
