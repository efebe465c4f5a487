import { accept, type Decision, type Instant, later, refuse } from '../kernel.ts'
import type { LimitSubjects } from '../limits/subjects.ts'
import { budgetKeys } from './attempts.ts'
import { type ClaimRefusal, claimCode } from './claim.ts'
import type { PairingCode } from './code.ts'
import { byInstanceLease, isInstanceAlive } from './instance-lease.ts'
import { endLife, holderKeys, isAged, isOver, key, lifeKeys, missing, putRunner } from './life.ts'
import type { Operation, View, Write } from './ports.ts'
import { isConnected, type StaleRefusal } from './presence.ts'
import { type InstanceId, type Presence, type RunnerId, type RunnerRecord, unseenRunner } from './records.ts'
import type { PairingRules } from './rules.ts'

/** What the shell has checked before a registration is decided. */
export interface RegistrationProof {
  /** the enrolment secret or a device's peer token was right */
  readonly secret: boolean
  /** the broker's nonce was signed by `publicKey` */
  readonly signature: boolean
}

export interface RegisterRunner {
  readonly runnerId: RunnerId
  readonly proposedCode: PairingCode
  /** null for a foreign runner: then the same code within the grace counts as the same process */
  readonly incarnation: string | null
  readonly publicKey: string | null
  readonly label: string
  readonly routeTickets: readonly string[]
  readonly proof: RegistrationProof
  readonly subjects: LimitSubjects
  /** the broker process that has the connection; null where only founding heartbeats hold a runner */
  readonly node: InstanceId | null
}

export interface Registered {
  readonly code: PairingCode
  readonly expiresAt: Instant
  readonly epoch: number
  readonly gen: number
  /** the same process as before: its apps stay paired (its code may be new all the same, if the old one died of age) */
  readonly resumed: boolean
  /** apps paired with it now, when resumed: they hear `runner:online` */
  readonly apps: readonly string[]
  /** apps whose pairing this registration ended: they hear `runner:offline` */
  readonly formerApps: readonly string[]
  /** the epoch that was connected until now, if one was: its socket is to be closed */
  readonly supersededEpoch: number | null
}

export type RegisterRefusal =
  | { readonly reason: 'secret-required' | 'key-required' | 'key-mismatch' }
  /** the broker instance has not renewed its own lease in time, so it can hold no runner just now */
  | { readonly reason: 'node-lapsed' }
  | ClaimRefusal

/** A runner connects: the same process comes back to its code and its apps, anything else begins a new life. */
export function registerRunner(
  command: RegisterRunner,
  rules: PairingRules,
): Operation<Decision<Registered, RegisterRefusal>> {
  const { runnerId, proposedCode } = command
  return {
    keys: [key('runner', runnerId), key('code', proposedCode), ...budgetKeys(command.subjects)],
    decide: byInstanceLease((view, now) => {
      const stored = view.get('runner', runnerId)
      const unproven = whyUnproven(stored, command)
      if (unproven) return { writes: [], answer: refuse({ reason: unproven }) }
      const need = missing(view, [
        key('apps', runnerId),
        ...lifeKeys(stored),
        ...holderKeys(view, proposedCode),
        ...(command.node === null ? [] : [key('node', command.node)]),
      ])
      if (need.length > 0) return { need }
      const presence = presenceOn(view, command.node, rules, now)
      if (presence === null) return { writes: [], answer: refuse({ reason: 'node-lapsed' }) }

      const apps = view.get('apps', runnerId) ?? []
      const sameLife = stored !== undefined && isSameLife(stored, command, rules, now)
      const came = arrived(stored ?? unseenRunner(runnerId), command, presence, now)
      const supersededEpoch = stored && isConnected(stored) ? stored.epoch : null
      if (sameLife && stored.code && !isAged(stored.code, now)) {
        const { code, expiresAt } = stored.code
        const value = {
          code,
          expiresAt,
          epoch: came.epoch,
          gen: came.gen,
          resumed: true,
          apps,
          formerApps: [],
          supersededEpoch,
        }
        return { writes: [putRunner(came, rules, now)], answer: accept(value) }
      }

      const known = stored?.publicKey != null
      const claimed = claimCode(view, came, command, known, rules, now)
      if (!claimed.ok)
        return {
          writes: claimed.refusal.writes,
          history: claimed.refusal.history,
          answer: refuse(claimed.refusal.why),
        }
      const gen = sameLife ? came.gen : endedGen(view, stored, rules, now) + 1
      const runner: RunnerRecord = { ...came, gen, code: claimed.value.held }
      const answer = accept({
        code: proposedCode,
        expiresAt: claimed.value.held.expiresAt,
        epoch: runner.epoch,
        gen,
        resumed: sameLife,
        apps: sameLife ? apps : [],
        formerApps: sameLife ? [] : apps,
        supersededEpoch,
      })
      const gaveUp: readonly Write[] = sameLife ? [] : [{ drop: 'apps', id: runnerId }]
      return { writes: [...claimed.value.writes, putRunner(runner, rules, now), ...gaveUp], answer }
    }),
  }
}

export interface RotateCode {
  readonly runnerId: RunnerId
  readonly epoch: number
  readonly proposedCode: PairingCode
  readonly subjects: LimitSubjects
  /** SHA-256, hex, of the tickets it would accept from now on; those it has when unset */
  readonly routeTickets?: readonly string[]
}

/** A living runner takes a new code. Its generation stays, and so do its apps. */
export function rotateCode(
  command: RotateCode,
  rules: PairingRules,
): Operation<
  Decision<{ readonly code: PairingCode; readonly expiresAt: Instant }, ClaimRefusal | StaleRefusal>
> {
  const { runnerId, proposedCode } = command
  return {
    keys: [key('runner', runnerId), key('code', proposedCode), ...budgetKeys(command.subjects)],
    decide: byInstanceLease((view, now) => {
      const runner = view.get('runner', runnerId)
      if (!runner || runner.epoch !== command.epoch || !isConnected(runner) || isOver(runner, rules, now)) {
        return { writes: [], answer: refuse({ reason: 'stale' }) }
      }
      const need = missing(view, [...lifeKeys(runner), ...holderKeys(view, proposedCode)])
      if (need.length > 0) return { need }
      const claimed = claimCode(view, runner, command, true, rules, now)
      if (!claimed.ok)
        return {
          writes: claimed.refusal.writes,
          history: claimed.refusal.history,
          answer: refuse(claimed.refusal.why),
        }
      const { held, writes } = claimed.value
      const value = { code: held.code, expiresAt: held.expiresAt }
      const routeTickets = command.routeTickets ?? runner.routeTickets
      const rotated: RunnerRecord = { ...runner, code: held, routeTickets }
      return { writes: [...writes, putRunner(rotated, rules, now)], answer: accept(value) }
    }),
  }
}

function whyUnproven(stored: RunnerRecord | undefined, { proof, publicKey }: RegisterRunner) {
  const shown = stored?.publicKey ?? null
  if (shown !== null && publicKey !== null && publicKey !== shown) return 'key-mismatch'
  if ((shown !== null || publicKey !== null) && !(publicKey !== null && proof.signature))
    return 'key-required'
  // A key alone never enrols a stranger: anybody can make one.
  return shown === null && !proof.secret ? 'secret-required' : null
}

function isSameLife(
  stored: RunnerRecord,
  command: RegisterRunner,
  rules: PairingRules,
  now: Instant,
): boolean {
  if (isOver(stored, rules, now)) return false
  if (command.incarnation !== null) return stored.incarnation === command.incarnation
  const { code } = stored
  return stored.incarnation === null && code?.code === command.proposedCode && !isAged(code, now)
}

/** Null when the broker instance that would hold the runner has no lease itself. */
function presenceOn(
  view: View,
  nodeId: InstanceId | null,
  rules: PairingRules,
  now: Instant,
): Presence | null {
  if (nodeId === null) return { status: 'online', leaseUntil: later(now, rules.leaseMs), heartbeatAt: now }
  const instance = view.get('node', nodeId)
  if (!isInstanceAlive(instance, now)) return null
  return { status: 'online', leaseUntil: instance.leaseUntil, heartbeatAt: now, node: nodeId }
}

/** The record as the new connection leaves it; code and generation are decided after. */
const arrived = (
  stored: RunnerRecord,
  command: RegisterRunner,
  presence: Presence,
  now: Instant,
): RunnerRecord => ({
  ...stored,
  // Seeded from the time, so that a store that came back empty or old never hands out an epoch again.
  epoch: Math.max(stored.epoch + 1, now * 256),
  incarnation: command.incarnation,
  publicKey: command.publicKey ?? stored.publicKey,
  label: command.label,
  presence,
  routeTickets: command.routeTickets,
})

/** The generation after the life before this one has ended, whether or not a clean-up came by: both ways count alike. */
const endedGen = (
  view: View,
  stored: RunnerRecord | undefined,
  rules: PairingRules,
  now: Instant,
): number => {
  if (!stored) return 0
  return stored.presence.status === 'gone' ? stored.gen : endLife(view, stored, rules, now).ended.gen
}
