import { randomUUID } from 'node:crypto'
import type { Instant } from '@latchkey/domain/kernel'
import type {
  Decide,
  Operation,
  Outcome,
  PairingStore,
  RecordKind,
  Records,
} from '@latchkey/domain/runner-pairing/ports'
import type { AppSession } from '@latchkey/domain/runner-pairing/records'
import { attempt } from '../decide.ts'
import { StoreUnavailable } from '../store-unavailable.ts'
import {
  corrected,
  type Facts,
  factsOf,
  isEmpty,
  mayWait,
  pairingName,
  type RegistryRow,
  sameFacts,
} from './facts.ts'
import type { PostgresRegistry } from './registry.ts'

type Wanted = { readonly [K in RecordKind]?: (record: Records[K]) => boolean }

/** Each round more means that somebody else changed the same records meanwhile. */
const ROUNDS_MAX = 16

/** What one look at the fast store came to. */
type Looked<Answer> =
  | { readonly step: 'look-up'; readonly runnerIds: readonly string[] }
  | { readonly step: 'record'; readonly facts: Facts; readonly at: Instant }
  /** `facts`: those it was committed with */
  | { readonly step: 'done'; readonly answer: Answer; readonly facts: Facts }

/**
 * A fast store that may come back empty or old (Redis), and a registry that does not (PostgreSQL). What gives or takes access
 * is in the registry before it is in the fast store, and so before anybody is told: docs/decisions/0009 says why this order.
 * A decision is made on the fast store; if it wants what must last, nothing is written until the registry has it, and then it
 * is made again. `close` closes both.
 */
export function durablePairingStore(fast: PairingStore, registry: PostgresRegistry): PairingStore {
  async function run<Answer>({ keys, decide }: Operation<Answer>): Promise<Answer> {
    const id = randomUUID()
    const known = new Map<string, RegistryRow | null>()
    let recorded: Facts | null = null
    let at: Instant | null = null
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const mine: ReadonlySet<string> = new Set(recorded?.revoked.map(({ pairing }) => pairing))
      // What this very decision revokes it has to see, to end it; and what it restores is as it was when that was decided.
      const isRevoked = (session: AppSession): boolean => {
        const name = pairingName(session)
        return recorded?.restored.includes(name) || (registry.isRevoked(session) && !mine.has(name))
      }
      const shown = { registry: known, isRevoked }
      const looked: Looked<Answer> = await look(
        { keys, decide: looking(decide, shown, recorded, at) },
        (error) => registry.withdraw(id, recorded, error),
      )
      if (looked.step === 'done') {
        // Somebody came between, and now nothing has to last.
        if (recorded !== null && isEmpty(looked.facts)) await registry.withdraw(id, recorded, null)
        return looked.answer
      }
      if (looked.step === 'look-up') {
        for (const runnerId of looked.runnerIds) known.set(runnerId, await registry.lookUp(runnerId))
        continue
      }
      if (recorded !== null) await registry.withdraw(id, recorded, null)
      const behind = await registry.record(id, looked.facts, mayWait(looked.facts))
      recorded = behind === null ? looked.facts : null
      at = behind === null ? looked.at : null
      for (const [runnerId, row] of behind ?? []) known.set(runnerId, row)
    }
    throw new StoreUnavailable('other processes write the same records all the time')
  }

  async function look<Answer>(
    operation: Operation<Answer>,
    failed: (error: unknown) => Promise<void>,
  ): Promise<Answer> {
    try {
      return await fast.run(operation)
    } catch (error) {
      await failed(error)
      throw error
    }
  }

  const stillGood: Wanted = { session: (session) => !registry.isRevoked(session) }

  return {
    run,
    async list<K extends RecordKind>(kind: K) {
      const found = await fast.list(kind)
      const wanted: Wanted[K] = stillGood[kind]
      return wanted === undefined ? found : found.filter(wanted)
    },
    history: (query) => (query.audit ? registry.audit(query) : fast.history(query)),
    async sweep() {
      await registry.sweep()
      return fast.sweep()
    },
    async close() {
      await fast.close()
      await registry.close()
    },
  }
}

/** The decision as the fast store runs it: committed only if all that must last is in the registry, else it only tells. */
const looking =
  <Answer>(
    decide: Decide<Answer>,
    known: Parameters<typeof corrected>[1],
    recorded: Facts | null,
    at: Instant | null,
  ): Decide<Looked<Answer>> =>
  (view, now): Outcome<Looked<Answer>> => {
    const seen = corrected(view, known)
    // Decided again at the same moment, the same records come to the same facts.
    const moment = at ?? now
    // A decision may stumble over a runner that it was not shown.
    const outcome = attempt(() => decide(seen, moment))
    if (seen.unknown.size > 0) {
      return { writes: [], answer: { step: 'look-up', runnerIds: [...seen.unknown] } }
    }
    if ('thrown' in outcome) throw outcome.thrown
    const decided = outcome.value
    if ('need' in decided) return decided
    const facts = factsOf(seen, decided, moment, known)
    if (!isEmpty(facts) && !(recorded !== null && sameFacts(recorded, facts))) {
      return { writes: [], answer: { step: 'record', facts, at: moment } }
    }
    const { writes, history = [], answer } = decided
    return { writes, history, answer: { step: 'done', answer, facts } }
  }
