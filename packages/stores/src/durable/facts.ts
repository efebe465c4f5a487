import { type HistoryEntry, isAudited } from '@latchkey/domain/audit/history'
import type { Instant } from '@latchkey/domain/kernel'
import type { RecordKind, Records, View } from '@latchkey/domain/runner-pairing/ports'
import {
  type AppSession,
  parseRunnerId,
  type RunnerRecord,
  unseenRunner,
} from '@latchkey/domain/runner-pairing/records'
import type { Settled } from '../decide.ts'

/** What the registry knows of a runner: it never had a newer epoch or generation. */
export interface RegistryRow {
  readonly epoch: number
  readonly gen: number
  /** base64url; once shown, only a signature by it speaks for the runner */
  readonly publicKey: string | null
}

/** What a decision wants to become true of a runner. */
export interface RunnerFact extends RegistryRow {
  readonly runnerId: string
  /** the generation it was decided on: a registry that is ahead of it has seen what the fast store lost */
  readonly genBefore: number
  /** a life or a key is new: it counts only once the registry has it; else it came back, or ended */
  readonly begins: boolean
}

/** A pairing that has ended for good, by what makes it that one and no later one of the same app. */
export interface RevokedPairing {
  readonly pairing: string
  readonly at: Instant
}

/** What of one decision has to outlive the fast store. */
export interface Facts {
  readonly runners: readonly RunnerFact[]
  readonly revoked: readonly RevokedPairing[]
  /** pairings by name that are not revoked after all: made again within the millisecond, without a name of their own */
  readonly restored: readonly string[]
  readonly audit: readonly HistoryEntry[]
}

/** Knowledge from the registry, beside the fast store. */
export interface Known {
  /** registry rows asked for so far, by runner id; null where there is none */
  readonly registry: ReadonlyMap<string, RegistryRow | null>
  readonly isRevoked: (session: AppSession) => boolean
}

/** A view corrected by the registry, and the records it was found to lack. */
export interface CorrectedView extends View {
  /** runners that the fast store lacks and that were not looked up in the registry yet */
  readonly unknown: ReadonlySet<string>
}

export function corrected(view: View, { registry, isRevoked }: Known): CorrectedView {
  const unknown = new Set<string>()
  const runner = (value: RunnerRecord | undefined, id: string): RunnerRecord | undefined => {
    const row = registry.get(id)
    if (value === undefined && row === undefined) unknown.add(id)
    return row ? seeded(value, id, row) : value
  }
  return {
    unknown,
    has: (kind, id) => view.has(kind, id),
    get: seeing(view, { runner, session: (value) => (value && isRevoked(value) ? undefined : value) }),
  }
}

type Lenses = {
  readonly [K in RecordKind]?: (value: Records[K] | undefined, id: string) => Records[K] | undefined
}

const seeing =
  (view: View, lenses: Lenses): View['get'] =>
  <K extends RecordKind>(kind: K, id: string): Records[K] | undefined => {
    const value = view.get(kind, id)
    const lens: Lenses[K] = lenses[kind]
    return lens === undefined ? value : lens(value, id)
  }

/** The record as it must be at least: a fast store that came back empty or old has forgotten what the registry knows. */
function seeded(value: RunnerRecord | undefined, id: string, row: RegistryRow): RunnerRecord | undefined {
  const runnerId = parseRunnerId(id)
  const record = value ?? (runnerId === null ? undefined : unseenRunner(runnerId))
  return (
    record && {
      ...record,
      epoch: Math.max(record.epoch, row.epoch),
      gen: Math.max(record.gen, row.gen),
      publicKey: record.publicKey ?? row.publicKey,
    }
  )
}

/** The facts that must be kept before this outcome may be committed. */
export function factsOf<Answer>(
  view: View,
  { writes, history = [] }: Settled<Answer>,
  now: Instant,
  { isRevoked }: Known,
): Facts {
  const runners = new Map<string, RunnerFact | null>()
  const revoked: RevokedPairing[] = []
  const restored: string[] = []
  for (const write of writes) {
    if ('put' in write && write.put === 'runner')
      runners.set(write.id, runnerFact(view, write.id, write.value))
    if ('put' in write && write.put === 'session' && isRevoked(write.value))
      restored.push(pairingName(write.value))
    if ('drop' in write && write.drop === 'session') {
      const session = view.has('session', write.id) ? view.get('session', write.id) : undefined
      if (session) revoked.push({ pairing: pairingName(session), at: now })
    }
  }
  const changed = [...runners.values()].filter((fact) => fact !== null)
  return { runners: changed, revoked, restored, audit: history.filter(({ outcome }) => isAudited(outcome)) }
}

function runnerFact(view: View, runnerId: string, to: RunnerRecord): RunnerFact | null {
  const from = view.has('runner', runnerId) ? view.get('runner', runnerId) : undefined
  const before = { epoch: from?.epoch ?? 0, gen: from?.gen ?? 0, publicKey: from?.publicKey ?? null }
  const { epoch, gen, publicKey } = to
  if (epoch === before.epoch && gen === before.gen && publicKey === before.publicKey) return null
  const begins = publicKey !== before.publicKey || (gen !== before.gen && to.presence.status === 'online')
  return { runnerId, epoch, gen, publicKey, genBefore: before.gen, begins }
}

/** An app pairs again at another moment and under another name. */
export const pairingName = ({ appSessionId, pairedAt, pid }: AppSession): string =>
  JSON.stringify([appSessionId, pairedAt, pid])

export const isEmpty = (facts: Facts): boolean => Object.values(facts).every((those) => those.length === 0)

/**
 * Whether nothing of it gives access or takes it away by itself: the same process coming back, whose epoch grows with the
 * time anyway; the end of a life; the note of a ban. Such facts may be kept a little later, so that runners come and go while
 * the registry is away.
 */
export const mayWait = ({ runners, revoked, restored, audit }: Facts): boolean =>
  revoked.length === 0 &&
  restored.length === 0 &&
  runners.every(({ begins }) => !begins) &&
  audit.every(({ outcome }) => outcome === 'banned')

export const sameFacts = (a: Facts, b: Facts): boolean => JSON.stringify(a) === JSON.stringify(b)
