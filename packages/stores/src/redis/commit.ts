import { COMMIT_SCRIPT, COMMIT_SCRIPT_SHA1 } from './commit-script.ts'
import { type RedisConnection, unavailable } from './connection.ts'
import { VERSION_CHARS } from './record-text.ts'

/** One command of Redis with the one key it is about. */
export interface Command {
  readonly name: string
  readonly key: string
  readonly args: readonly (string | number)[]
}

/** A transaction as the server sees it: committed only while each of these keys has the version that was read. */
export interface Transaction {
  readonly reads: ReadonlyMap<string, string>
  readonly commands: readonly Command[]
}

/** Transactions that travel together; each of them is committed or not by itself, in their order. */
export interface Batch {
  /** the key under which the server remembers it for a while: nobody else's */
  readonly key: string
  /** by the server's clock as this process knows it, milliseconds; null commits whatever the server's time is */
  readonly decidedAtMs: number | null
  readonly transactions: readonly Transaction[]
}

export interface Committed {
  /** the server's clock, milliseconds since the epoch */
  readonly serverMs: number
  /** whether each transaction was committed; none was when the batch came too late */
  readonly committed: readonly boolean[]
  /** the records that were not as read, as they stand now; without those that are gone: null */
  readonly fresh: ReadonlyMap<string, string | null>
}

/** A process's clock follows the server's from behind; ahead of it, it is only after a step of the server's. */
const AHEAD_MAX_MS = 50

/** Longer than a batch can be on its way and still be in time. */
const REMEMBERED_MS = 5_000

const ANY_TIME_MS = 1e15

/**
 * Commits a batch. A lost connection leaves open whether it was carried out: as soon as it is back the same batch is sent
 * once more, and the server knows. Rejects with StoreUnavailable.
 */
export async function commit(connection: RedisConnection, batch: Batch): Promise<Committed> {
  const { answerTimeoutMs } = connection
  const sentMs = performance.now()
  const { keys, args } = encode(batch, answerTimeoutMs)
  try {
    return decode(batch, keys, await run(connection, keys, args))
  } catch (error) {
    const problem = unavailable(error)
    const leftMs = sentMs + answerTimeoutMs - performance.now()
    if (problem.outcome !== 'unknown' || leftMs <= 0 || !(await connection.ready(leftMs))) throw problem
    try {
      return decode(batch, keys, await run(connection, keys, args))
    } catch (again) {
      throw unavailable(again)
    }
  }
}

/** By digest; a server that restarted, or was never told, gets the script's text once. */
async function run(
  { redis }: RedisConnection,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(COMMIT_SCRIPT_SHA1, keys.length, ...keys, ...args)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return redis.eval(COMMIT_SCRIPT, keys.length, ...keys, ...args)
  }
}

function encode({ key, decidedAtMs, transactions }: Batch, answerTimeoutMs: number) {
  const keys = [key]
  const numbers = new Map<string, number>()
  const numberOf = (name: string): number => {
    const known = numbers.get(name)
    if (known !== undefined) return known
    const number = keys.push(name)
    numbers.set(name, number)
    return number
  }
  // Later than a caller waits it must not happen any more.
  const within =
    decidedAtMs === null ? [0, ANY_TIME_MS, ANY_TIME_MS] : [decidedAtMs, answerTimeoutMs, AHEAD_MAX_MS]
  const args: (string | number)[] = [...within, REMEMBERED_MS, VERSION_CHARS]
  for (const { reads, commands } of transactions) {
    args.push(reads.size)
    for (const [name, version] of reads) args.push(numberOf(name), version)
    args.push(commands.length)
    for (const command of commands)
      args.push(command.args.length, command.name, numberOf(command.key), ...command.args)
  }
  return { keys, args }
}

function decode({ transactions }: Batch, keys: readonly string[], reply: unknown): Committed {
  if (!Array.isArray(reply)) throw new Error('the commit script answered something else')
  const [serverMs, states, ...stale] = reply.map(String)
  const fresh = new Map<string, string | null>()
  for (let index = 0; index < stale.length; index += 2) {
    const name = keys[Number(stale[index]) - 1]
    if (name !== undefined) fresh.set(name, stale[index + 1] || null)
  }
  return {
    serverMs: Number(serverMs),
    committed: transactions.map((_, index) => states?.[index] === '1'),
    fresh,
  }
}
