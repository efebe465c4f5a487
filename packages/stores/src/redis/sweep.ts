import type { Instant } from '@latchkey/domain/kernel'
import type { RecordKind } from '@latchkey/domain/runner-pairing/ports'
import { commit, type Transaction } from './commit.ts'
import type { RedisConnection } from './connection.ts'
import { type foundingCode, foundingSession } from './founding-keys.ts'
import { placeOf, readText, recordText, redisKey, versionIn } from './record-text.ts'
import { STEP_KEYS } from './scan.ts'

/** Redis expires unswept keys by itself, so a call need not look at everything. */
const STEPS_MAX = 20

/** Kinds that end by themselves; a list of apps goes with its runner. */
const SWEPT: readonly RecordKind[] = ['session', 'code', 'budget', 'runner', 'node', 'operator']

interface Text {
  readonly key: string
  readonly text: string
}

/** Goes through the keys, some thousands at a time, and on from there at the next call. */
export class Sweeper {
  readonly #connection: RedisConnection
  readonly #nextKey: () => string
  #cursor = '0'

  /** @param nextKey gives each batch its own key */
  constructor(connection: RedisConnection, nextKey: () => string) {
    this.#connection = connection
    this.#nextKey = nextKey
  }

  /**
   * Removes records past their deadline, and marks as inactive those that age or a runner’s end has voided. Answers
   * with the number of removed records.
   */
  async sweep(now: Instant): Promise<number> {
    let sweptCount = 0
    for (let step = 0; step < STEPS_MAX; step++) {
      const texts = await this.#next()
      const due = texts.filter(({ text }) => isDue(text, now))
      sweptCount += await this.#commit(due.map(removal))
      await this.#commit(texts.flatMap((text) => aged(text, now)))
      await this.#commit(await this.#voided(texts.filter((text) => !due.includes(text))))
      if (this.#cursor === '0') break
    }
    return sweptCount
  }

  async #next(): Promise<readonly Text[]> {
    const { redis } = this.#connection
    const [cursor, found] = await redis.scan(this.#cursor, 'COUNT', STEP_KEYS)
    this.#cursor = cursor
    const keys = found.filter((key) => SWEPT.some((kind) => key.startsWith(placeOf(kind))))
    const texts = keys.length === 0 ? [] : await redis.mget(keys)
    return keys.flatMap((key, index) => {
      const text = texts[index] ?? null
      return text === null ? [] : [{ key, text }]
    })
  }

  /** Sessions of another generation than their runner’s. No broker trusts them; other clients must see it too. */
  async #voided(texts: readonly Text[]): Promise<readonly Transaction[]> {
    const sessions = texts.flatMap(({ key, text }) => {
      const told = key.startsWith(placeOf('session')) ? readText<'session'>(text) : null
      return told?.format === 'known' && text.includes('"isActive":true') ? [{ key, text, ...told }] : []
    })
    if (sessions.length === 0) return []
    const runnerKeys = sessions.map(({ value }) => redisKey('runner', value.runnerId))
    const runners = await this.#connection.redis.mget(runnerKeys)
    return sessions.flatMap(({ key, text, value, sweepAt }, index): readonly Transaction[] => {
      const runner = readText<'runner'>(runners[index] ?? '')
      if (runner.format === 'known' && runner.value.gen === value.gen) return []
      const version = versionIn(text)
      const shown = recordText(foundingSession(value, false), { value, sweepAt }, version)
      return [{ reads: new Map([[key, { version }]]), commands: [['SET', key, shown, 'KEEPTTL']] }]
    })
  }

  async #commit(transactions: readonly Transaction[]): Promise<number> {
    if (transactions.length === 0) return 0
    const answer = await commit(this.#connection, { key: this.#nextKey(), decidedAtMs: null, transactions })
    const refused = answer.outcomes.find((outcome) => typeof outcome !== 'string')
    if (refused !== undefined) throw refused
    return answer.outcomes.filter((outcome) => outcome === 'committed').length
  }
}

function isDue(text: string, now: Instant): boolean {
  const told = readText(text)
  return told.format === 'known' && told.sweepAt !== null && told.sweepAt <= now
}

/**
 * A code that expired while no broker could record it is shown as inactive. Its record stays as it is, version
 * included: its runner’s record decides whether it counts.
 */
function aged({ key, text }: Text, now: Instant): readonly Transaction[] {
  if (!key.startsWith(placeOf('code')) || !text.includes('"isActive":true')) return []
  const told = readText<'code'>(text)
  const founding = foundingFields(text)
  if (told.format !== 'known' || founding === null || founding.usedCount > 0 || now < founding.expiresAt)
    return []
  const version = versionIn(text)
  const shown = recordText({ ...founding, isActive: false }, told, version)
  return [{ reads: new Map([[key, { version }]]), commands: [['SET', key, shown, 'KEEPTTL']] }]
}

/** What other clients of the same Redis read of a code; null when it is not all there. */
function foundingFields(text: string): ReturnType<typeof foundingCode> | null {
  const { code, runnerId, createdAt, expiresAt, usedCount, isActive } = JSON.parse(text)
  const isWhole = typeof expiresAt === 'number' && expiresAt > 0 && typeof usedCount === 'number'
  return isWhole ? { code, runnerId, createdAt, expiresAt, usedCount, isActive } : null
}

const removal = ({ key, text }: Text): Transaction => ({
  reads: new Map([[key, { version: versionIn(text) }]]),
  commands: [['DEL', key]],
})
