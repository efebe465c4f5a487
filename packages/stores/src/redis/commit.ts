import { StoreUnavailable } from '../store-unavailable.ts'
import type { Command } from './command.ts'
import { COMMIT_SCRIPT, COMMIT_SCRIPT_SHA1, State } from './commit-script.ts'
import { type RedisConnection, unavailable } from './connection.ts'
import { VERSION_CHARS } from './record-text.ts'

/** A record as it was read. */
export interface ReadVersion {
  readonly version: string
}

/** A transaction as the server sees it: committed only while each of these keys has the version that was read. */
export interface Transaction {
  readonly reads: ReadonlyMap<string, ReadVersion>
  readonly commands: readonly Command[]
}

/** Transactions that travel together; each of them is committed or not by itself, in their order. */
export interface Batch {
  /** the key under which the server remembers it for a while; no other batch has it */
  readonly key: string
  /** by the server's clock as this process knows it, milliseconds; null commits whatever the server's time is */
  readonly decidedAtMs: number | null
  readonly transactions: readonly Transaction[]
}

/** What became of one transaction: `stale` may be decided again, a refusal of the server may not. */
export type Outcome = 'committed' | 'stale' | StoreUnavailable

export interface Committed {
  /** the server's clock, milliseconds since the epoch */
  readonly serverMs: number
  /** what became of each transaction; all are stale when the batch came too late */
  readonly outcomes: readonly Outcome[]
  /** all that refused transactions had read, as it stands now: null where there is nothing */
  readonly fresh: ReadonlyMap<string, string | null>
}

/** A process's clock follows the server's from behind; ahead of it, it is only after a step of the server's. */
const AHEAD_MAX_MS = 50

/** A batch is remembered for longer than it can be on its way and still be in time, as a multiple of that. */
const REMEMBERED_TIMES = 3

const ANY_TIME_MS = 1e15

/**
 * Commits a batch. A lost connection leaves open whether it was carried out: as soon as it is back the same batch is sent
 * again, and the server knows. The caller waits for all of it no longer than for one answer. Rejects with StoreUnavailable.
 */
export async function commit(connection: RedisConnection, batch: Batch): Promise<Committed> {
  const { answerTimeoutMs } = connection
  const untilMs = performance.now() + answerTimeoutMs
  const args = encode(batch, answerTimeoutMs)
  try {
    return heard(connection, decode(batch, await run(connection, batch.key, args)))
  } catch (error) {
    const problem = unavailable(error)
    if (problem.outcome !== 'unknown') throw problem
    return askAgain(connection, batch, args, untilMs, problem)
  }
}

/** Whatever becomes of the later attempts, the first may have been carried out. */
async function askAgain(
  connection: RedisConnection,
  batch: Batch,
  args: readonly (string | number)[],
  untilMs: number,
  problem: StoreUnavailable,
): Promise<Committed> {
  let { why } = problem
  for (;;) {
    const leftMs = untilMs - performance.now()
    if (leftMs <= 0 || !(await connection.ready(leftMs))) break
    try {
      const answer = run(connection, batch.key, args)
      return heard(connection, decode(batch, await within(untilMs - performance.now(), answer)))
    } catch (error) {
      const again = unavailable(error)
      why = again.why
      if (again.outcome !== 'unknown' && connection.isReady()) break
    }
  }
  throw new StoreUnavailable(why, problem, 'unknown')
}

/** What a script's command was refused for is no error of the connection, and says as much about the server. */
function heard(connection: RedisConnection, answer: Committed & { readonly trouble: string }): Committed {
  if (answer.trouble !== '') connection.heardTrouble(answer.trouble)
  return answer
}

function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable('it did not answer in time')), ms)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

/** By digest; a server that restarted, or was never told, gets the script's text once. */
async function run(
  { redis }: RedisConnection,
  key: string,
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(COMMIT_SCRIPT_SHA1, 1, key, ...args)
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return redis.eval(COMMIT_SCRIPT, 1, key, ...args)
  }
}

function encode({ decidedAtMs, transactions }: Batch, answerTimeoutMs: number): readonly (string | number)[] {
  // Later than a caller waits it must not happen any more.
  const window =
    decidedAtMs === null ? [0, ANY_TIME_MS, ANY_TIME_MS] : [decidedAtMs, answerTimeoutMs, AHEAD_MAX_MS]
  // One text: as arguments of their own they would cost the driver more than all the rest.
  const told = transactions.map(({ reads, commands }) => [
    [...reads.keys()],
    [...reads.values()].map(({ version }) => version),
    commands,
  ])
  return [...window, answerTimeoutMs * REMEMBERED_TIMES, VERSION_CHARS, JSON.stringify(told)]
}

function decode({ transactions }: Batch, reply: unknown): Committed & { readonly trouble: string } {
  if (!Array.isArray(reply)) throw new Error('the commit script answered something else')
  const [serverMs, states = '', trouble = '', ...stale] = reply.map(String)
  const fresh = new Map<string, string | null>()
  for (let index = 0; index < stale.length; index += 2)
    fresh.set(stale[index] ?? '', stale[index + 1] || null)
  return {
    serverMs: Number(serverMs),
    trouble,
    outcomes: transactions.map((_, index) => outcomeOf(states[index], trouble)),
    fresh,
  }
}

/** Asked again, a server remembers what became of a batch, and not its own words about what failed. */
function outcomeOf(state: string | undefined, trouble: string): Outcome {
  if (state === State.committed) return 'committed'
  if (state !== State.refused && state !== State.halfDone) return 'stale'
  const { why } = unavailable(new Error(trouble === '' ? 'it refused a command' : trouble))
  return new StoreUnavailable(why, undefined, state === State.refused ? 'nothing-written' : 'unknown')
}
