import { type Command, Redis, type RedisOptions } from 'ioredis'
import { MissingRights } from '../missing-rights.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import { isAtLeast } from '../version.ts'
import { whenLate } from '../when-late.ts'
import { demandRights } from './rights.ts'

interface Server {
  readonly host: string
  readonly port: number
}

interface RedisParts {
  readonly username?: string
  readonly password?: string
  readonly db?: number
  readonly isTls?: boolean
  /** the authority that signed the server's certificate, PEM; without it those of Node */
  readonly ca?: string
}

/** Where a Redis is: a URL (`redis://`, `rediss://` for TLS), its founding parts, or the sentinels that name the primary. */
export type RedisAddress =
  | { readonly url: string; readonly ca?: string }
  | (Server & RedisParts)
  | (RedisParts & {
      readonly sentinels: readonly Server[]
      /** what they call the primary */
      readonly name: string
      readonly sentinelPassword?: string
    })

export interface RedisTimes {
  /** how long a command may take before its caller is told that the store is away */
  readonly answerTimeoutMs?: number
  /** how long `openRedis` waits for the first answer */
  readonly openTimeoutMs?: number
  /** Socket.IO's namespaces over which brokers tell each other things; none unless given */
  readonly namespaces?: readonly string[]
}

/** A connection that fails fast and comes back by itself: nothing waits for a server that is away. */
export interface RedisConnection {
  /** the driver's client, for stores, and for foreign modules that want the one this broker has */
  readonly redis: Redis
  /** how long a command may take */
  readonly answerTimeoutMs: number
  /** what an operator should hear about the server's settings, in sentences */
  readonly warnings: readonly string[]
  /** whether commands are taken now */
  isReady(): boolean
  /** Resolves when the connection is there (at once, if it is), or `withinMs` later with whether it is. */
  ready(withinMs: number): Promise<boolean>
  /** The server said this within an answer: one that takes no writes now is left for the one that the address leads to. */
  heardTrouble(told: string): void
  /**
   * A second connection to the same server, for subscriptions or blocking commands. Closed with this one. It comes back by
   * itself, but subscribes to nothing again: see `pub-sub.ts`.
   */
  duplicate(): Redis
  close(): Promise<void>
}

/** Scripts whose effects are replicated, and SET with options, are taken for granted. */
const REDIS_MIN = [6, 0] as const

const ANSWER_TIMEOUT_MS = 500
const OPEN_TIMEOUT_MS = 5_000

/** A server that came back is found within this, so that the first success is not a minute after the outage. */
const RECONNECT_MAX_MS = 1_000

/** How a server answers that cannot take writes now, though it answers: demoted, cut off from its replicas, out of order, not up yet. */
const TAKES_NO_WRITES = /\b(READONLY|NOREPLICAS|MISCONF|MASTERDOWN|LOADING)\b/

/** How the driver says that a command was not answered: too late, or its connection was lost, with no retries, on the way. */
const NO_ANSWER = /^Command timed out|Connection is closed|retries per request/

/** A socket that answers nothing for so long is given up for a new one. */
const SILENT_MAX_MS = 2_000

/**
 * Connects to one Redis. Rejects with StoreUnavailable when none answers in time, or when this store cannot use it.
 * Nothing is queued while the connection is away and the driver sends nothing twice: every caller is told at once.
 */
export async function openRedis(address: RedisAddress, times: RedisTimes = {}): Promise<RedisConnection> {
  const { answerTimeoutMs = ANSWER_TIMEOUT_MS, openTimeoutMs = OPEN_TIMEOUT_MS } = times
  const duplicates: Redis[] = []
  let leftAtMs = Number.NEGATIVE_INFINITY
  // The address may lead to another server by now (a name, a virtual address, a proxy): after a fail-over it does.
  const leaves = (told: string): boolean => {
    const nowMs = performance.now()
    if (!TAKES_NO_WRITES.test(told) || nowMs - leftAtMs < RECONNECT_MAX_MS) return false
    leftAtMs = nowMs
    // Subscribers on the former server would not hear the others.
    for (const second of duplicates) if (second.status === 'ready') second.disconnect(true)
    return true
  }
  const options = {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: SILENT_MAX_MS,
    socketTimeout: SILENT_MAX_MS,
    keepAlive: 10_000,
    retryStrategy,
    reconnectOnError: (error: Error) => leaves(error.message),
  } satisfies RedisOptions
  const redis = endLate(clientOf(address, options), answerTimeoutMs)
  let lastProblem: unknown = new StoreUnavailable('it does not answer')
  // Without a listener the driver prints every failed attempt to connect.
  redis.on('error', (error: Error) => {
    lastProblem = error
  })
  const connection = {
    redis,
    answerTimeoutMs,
    isReady: () => redis.status === 'ready',
    ready: (withinMs: number) => becomesReady(redis, withinMs),
    heardTrouble: (told: string) => {
      if (leaves(told) && redis.status === 'ready') redis.disconnect(true)
    },
    duplicate: () => {
      // It may be told to subscribe before it is connected. The driver’s own resubscribing would end the process when
      // the connection is lost meanwhile: its promise has no handler.
      const second = redis.duplicate({
        lazyConnect: false,
        enableOfflineQueue: true,
        autoResubscribe: false,
        socketTimeout: undefined,
      })
      second.on('error', () => {})
      duplicates.push(second)
      return second
    },
    async close() {
      for (const client of [redis, ...duplicates]) client.disconnect()
    },
  }
  const untilMs = performance.now() + openTimeoutMs
  const judged = async (): Promise<readonly string[]> => {
    if (!(await becomesReady(redis, untilMs - performance.now()))) throw lastProblem
    // A server that does not give the driver its database leaves it in the first one, which may be somebody else's.
    if ((redis.options.db ?? 0) !== 0) await redis.select(redis.options.db ?? 0)
    await demandRights(redis, times.namespaces ?? [])
    return judge(await redis.info())
  }
  try {
    redis.connect().catch(() => {})
    for (;;) {
      try {
        return { ...connection, warnings: await judged() }
      } catch (error) {
        // A machine that starts many things at once is slower than one at work: unanswered questions are asked again.
        const told = error instanceof Error ? error.message : ''
        if (!NO_ANSWER.test(told) || performance.now() >= untilMs) throw error
      }
    }
  } catch (error) {
    await connection.close()
    const where = placeOf(address)
    if (error instanceof MissingRights) throw error.at(`Redis at ${where}`)
    throw new StoreUnavailable(`Redis at ${where}: ${unavailable(error).why}`, error)
  }
}

/** The driver's constructor takes the kind of its answers apart from all other options. */
type ClientOptions = Omit<RedisOptions, 'replyMapping'>

function clientOf(address: RedisAddress, options: ClientOptions): Redis {
  const trust = address.ca === undefined ? {} : { ca: address.ca }
  if ('url' in address) {
    const given: ClientOptions = address.ca === undefined ? options : { ...options, tls: trust }
    return new Redis(address.url, given)
  }
  const { isTls = false, ca: _, ...parts } = address
  if ('host' in parts) {
    const given: ClientOptions = { ...options, ...parts, ...(isTls && { tls: trust }) }
    return new Redis(given)
  }
  const given: ClientOptions = {
    ...options,
    ...parts,
    sentinels: parts.sentinels.map((each) => ({ ...each })),
    // As for the server itself: asked again and again, since one of them may come back.
    sentinelRetryStrategy: retryStrategy,
    ...(isTls && { tls: trust, enableTLSForSentinelMode: true, sentinelTLS: trust }),
  }
  return new Redis(given)
}

/** Ends each command that is not answered in time, in place of the driver's own `commandTimeout`, which counts too early. */
function endLate(redis: Redis, answerTimeoutMs: number): Redis {
  const send = redis.sendCommand.bind(redis)
  redis.sendCommand = (command: Command, stream) => {
    const inTime = whenLate(answerTimeoutMs, () => command.reject(new Error('Command timed out')))
    command.promise.then(inTime, inTime)
    return send(command, stream)
  }
  return redis
}

/** Host and port for an error's text: never a password. */
function placeOf(address: RedisAddress): string {
  if ('url' in address) return hostOf(address.url)
  if ('host' in address) return `${address.host}:${address.port}`
  const asked = address.sentinels.map(({ host, port }) => `${host}:${port}`)
  return `the primary ${address.name} that the sentinels ${asked.join(', ')} name`
}

/** The driver's errors in the words of the port; a StoreUnavailable passes as it is. */
export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error
  const told = error instanceof Error ? error.message : String(error)
  const { why, outcome } = reason(told)
  return new StoreUnavailable(why, error, outcome)
}

/** What the server refuses by name has changed nothing; a command without an answer may have been carried out. */
function reason(told: string): Pick<StoreUnavailable, 'why' | 'outcome'> {
  const refused = (why: string) => ({ why, outcome: 'nothing-written' }) as const
  if (/^Command timed out/.test(told)) return { why: 'it did not answer in time', outcome: 'unknown' }
  if (NO_ANSWER.test(told)) return { why: 'the connection was lost', outcome: 'unknown' }
  if (/Stream isn't writeable|ECONNREFUSED/i.test(told)) return refused('it cannot be reached')
  if (/\bOOM /.test(told)) return refused('its memory is full')
  if (/\bMISCONF /.test(told)) return refused('it cannot write to its disk')
  if (/\bREADONLY /.test(told)) return refused('it is a replica, which takes no writes')
  if (/\bNOREPLICAS /.test(told)) return refused('too few of its replicas are there, so it takes no writes')
  if (/\bMASTERDOWN /.test(told)) return refused('it is a replica that has lost its primary')
  if (/\bLOADING /.test(told)) return refused('it is still loading its data')
  if (/DB index/i.test(told)) return refused('it has no database of that number')
  if (/ENOTFOUND/.test(told)) return refused('its name is not known')
  if (/^(NOAUTH|WRONGPASS)/.test(told)) return refused('it does not let this broker in')
  if (/\bNOPERM\b|can't run this command|can't access at least one of the keys/.test(told))
    return refused(`its user may not do all that is needed (${told})`)
  return { why: told, outcome: 'unknown' }
}

/** Full jitter from the first attempt on: many brokers lose the same server at the same moment. */
const retryStrategy = (attempt: number): number => {
  const upToMs = Math.min(RECONNECT_MAX_MS, 50 * 2 ** Math.min(attempt - 1, 10))
  return 10 + Math.random() * upToMs
}

function becomesReady(redis: Redis, withinMs: number): Promise<boolean> {
  if (redis.status === 'ready') return Promise.resolve(true)
  return new Promise((resolve) => {
    const end = (ready: boolean) => {
      clearTimeout(timer)
      redis.off('ready', onReady)
      redis.off('end', onEnd)
      resolve(ready)
    }
    const onReady = () => end(true)
    const onEnd = () => end(false)
    const timer = setTimeout(() => end(redis.status === 'ready'), withinMs)
    redis.once('ready', onReady)
    redis.once('end', onEnd)
  })
}

/** What INFO tells of a server: throws for one that cannot be lived on, answers with what an operator should change. */
function judge(info: string): readonly string[] {
  const told = new Map(
    info.split('\r\n').map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 1)]),
  )
  const version = told.get('redis_version') ?? '0'
  if (!isAtLeast(version, REDIS_MIN))
    throw new StoreUnavailable(`Redis ${REDIS_MIN.join('.')} or newer is needed, this is ${version}`)
  if (told.get('redis_mode') === 'cluster')
    throw new StoreUnavailable(
      'a Redis Cluster cannot commit several records at once; use one primary for each cell',
    )
  if (told.get('role') === 'slave') throw new StoreUnavailable('it is a replica, which takes no writes')
  const policy = told.get('maxmemory_policy') ?? 'noeviction'
  if (policy === 'noeviction') return []
  return [
    `Redis may throw away bans and pairings when its memory is full (maxmemory-policy ${policy}); set it to noeviction`,
  ]
}

/** Never more than host and port: the rest of a URL holds a password. */
function hostOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return 'the address given, which is no URL'
  }
}
