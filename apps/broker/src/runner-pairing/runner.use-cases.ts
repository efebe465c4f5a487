import { randomBytes } from 'node:crypto'
import { type DeviceId, parseDeviceId } from '@latchkey/domain/device-pairing/ids'
import { assertNever } from '@latchkey/domain/kernel'
import { secondsLeft } from '@latchkey/domain/limits/budget'
import { runnerSubjects } from '@latchkey/domain/limits/subjects'
import { type PairingCode, parsePairingCode } from '@latchkey/domain/runner-pairing/code'
import { unpair } from '@latchkey/domain/runner-pairing/pairing-session'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import { parseAppSessionId, parseRunnerId, type RunnerId } from '@latchkey/domain/runner-pairing/records'
import {
  type Registered,
  type RegisterRefusal,
  registerRunner,
  rotateCode,
} from '@latchkey/domain/runner-pairing/register'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import type { ReplyOf } from '@latchkey/protocol/call'
import type { Refusal, runnerCalls } from '@latchkey/protocol/runner-pairing'
import type { z } from 'zod'
import type { Instances } from '../cluster/instances.ts'
import type { LimitsWatch } from '../limits/limits-watch.ts'
import type { Log } from '../log/log.ts'
import { type Caller, refusalOf } from '../shell/answer.ts'
import { DEVICE_KEEPERS, type Peer, runnerRoom } from '../shell/connection.ts'
import { printable } from '../shell/label.ts'
import type { TicketOffice } from '../terminal/tickets.ts'
import type { PairingNotifier } from './pairing.notifier.ts'
import type { RunnerAdmission } from './runner-admission.ts'
import type { RunnerPresence } from './runner-presence.ts'

type Calls = typeof runnerCalls
type Register = z.output<Calls['runner:register']['request']>
type Answer<Name extends keyof Calls> = Promise<ReplyOf<Calls, Name> | Refusal>

const NONCE_BYTES = 32
const NONCE_LIFE_MS = 60_000

interface Parts {
  readonly store: PairingStore
  readonly rules: PairingRules
  readonly clock: () => number
  readonly log: Log
  readonly instances: Instances
  readonly tickets: TicketOffice
  readonly notifier: PairingNotifier
  readonly presence: RunnerPresence
  readonly admission: RunnerAdmission
  readonly watch: LimitsWatch
}

/** What runners ask for, each in one step of the store. */
export class RunnerUseCases {
  constructor(private readonly parts: Parts) {}

  readonly challenge = async (_request: unknown, { peer }: Caller): Answer<'runner:challenge'> => {
    const nonce = randomBytes(NONCE_BYTES).toString('base64url')
    peer.nonce = { text: nonce, expiresAtMs: this.parts.clock() + NONCE_LIFE_MS }
    return { success: true, nonce }
  }

  readonly register = async (request: Register, { peer, socket }: Caller): Answer<'runner:register'> => {
    const runnerId = parseRunnerId(request.runnerId)
    const proposedCode = parsePairingCode(request.pairingCode)
    if (runnerId === null) return refusalOf('INVALID_FORMAT', 'a runner id has 1 to 200 printable characters')
    if (proposedCode === null) return refusalOf('INVALID_FORMAT', 'a pairing code looks like ABC-123-XYZ')
    if (peer.runner !== null && peer.runner.runnerId !== runnerId) {
      return refusalOf('INVALID_FORMAT', 'this connection speaks for another runner already')
    }
    const admitted = await this.parts.admission.admit(request, peer)
    if ('success' in admitted) return admitted
    // From here on a revocation of its device finds this connection.
    peer.nodeId ??= admitted.nodeId
    const label = printable(request.label ?? '')
    const command = {
      runnerId,
      proposedCode,
      incarnation: request.incarnation ?? null,
      publicKey: request.publicKey ?? null,
      label,
      routeTickets: request.routeTickets ?? [],
      proof: admitted.proof,
      subjects: runnerSubjects(runnerId, peer.address),
      node: this.parts.instances.nodeId,
    }
    const decision = await this.parts.presence.registering(runnerId, async () => {
      const decided = await this.parts.store.run(registerRunner(command, this.parts.rules))
      if (decided.ok) this.parts.presence.registered({ runnerId, epoch: decided.value.epoch })
      return decided
    })
    if (!decision.ok) return this.#refused(decision.refusal, peer, runnerId)

    peer.runner = { runnerId, epoch: decision.value.epoch, label }
    this.#registered(runnerId, decision.value)
    peer.nodeId ??= await this.parts.admission.registered(request, admitted, peer)
    // The connection may have ended while the store was at work: its end would go unnoticed.
    if (peer.endedBy !== null) await this.parts.presence.connectionEnded(peer.runner, peer.endedBy)
    else await socket.join(runnerRoom(runnerId))
    const revokedDeviceIds = await this.#revokedAmong(request.deviceIds, socket)
    const { code, expiresAt, epoch, resumed } = decision.value
    return {
      success: true,
      runnerId,
      pairingCode: code,
      message: resumed ? 'Welcome back: same code, same pairings.' : 'Registered.',
      expiresAt,
      serverTime: this.#now(),
      epoch,
      resumed,
      ...(revokedDeviceIds.length > 0 && { revokedDeviceIds }),
      terminal: this.parts.tickets.issue({ end: 'runner', runnerId, epoch }, null),
    }
  }

  /** The identity is the connection's: a heartbeat for another runner changes nothing. */
  readonly heartbeat = async (
    request: { runnerId: string },
    { peer, socket }: Caller,
  ): Answer<'runner:heartbeat'> => {
    const { runner } = peer
    if (runner === null || runner.runnerId !== request.runnerId) {
      return refusalOf('INVALID_SECRET', 'this connection does not speak for that runner')
    }
    if ((await this.parts.presence.heard(runner)) === 'stale') {
      // An older connection, or a life that is over: its owner comes back and registers again.
      socket.disconnect(true)
      return refusalOf('INVALID_SECRET', 'this connection no longer speaks for that runner')
    }
    return { success: true, serverTime: this.#now() }
  }

  readonly rotate = async (
    request: z.output<Calls['runner:rotate']['request']>,
    { peer }: Caller,
  ): Answer<'runner:rotate'> => {
    const proposedCode: PairingCode | null = parsePairingCode(request.pairingCode)
    if (proposedCode === null) return refusalOf('INVALID_FORMAT', 'a pairing code looks like ABC-123-XYZ')
    const { runner } = peer
    if (runner === null) return refusalOf('INVALID_SECRET', 'this connection speaks for no runner')
    const subjects = runnerSubjects(runner.runnerId, peer.address)
    const { routeTickets } = request
    const command = { ...runner, proposedCode, subjects, ...(routeTickets && { routeTickets }) }
    const decision = await this.parts.store.run(rotateCode(command, this.parts.rules))
    if (!decision.ok) {
      return decision.refusal.reason === 'stale'
        ? refusalOf('INVALID_SECRET', 'this connection no longer speaks for that runner')
        : this.#refused(decision.refusal, peer, runner.runnerId)
    }
    const { code, expiresAt } = decision.value
    this.parts.presence.codeUntil(runner.runnerId, expiresAt)
    this.parts.log.info('runner.code-rotated', { runnerId: runner.runnerId })
    return { success: true, pairingCode: code, expiresAt, serverTime: this.#now() }
  }

  readonly routeTickets = async (
    { routeTickets }: z.output<Calls['runner:route-tickets']['request']>,
    { peer: { runner } }: Caller,
  ): Answer<'runner:route-tickets'> => {
    if (runner === null) return refusalOf('INVALID_SECRET', 'this connection speaks for no runner')
    await this.parts.presence.depositRouteTickets(runner, routeTickets)
    return { success: true }
  }

  /** The machine's owner turned apps away: of its own pairings a runner may end any, of others none. */
  readonly revoke = async (
    { appSessionIds }: z.output<Calls['runner:revoke']['request']>,
    { peer: { runner } }: Caller,
  ): Answer<'runner:revoke'> => {
    if (runner === null) return refusalOf('INVALID_SECRET', 'this connection speaks for no runner')
    const { runnerId } = runner
    for (const appSessionId of appSessionIds.flatMap((each) => parseAppSessionId(each) ?? [])) {
      const ended = await this.parts.store.run(unpair({ appSessionId, ofRunner: runnerId }, this.parts.rules))
      if (ended.runnerId === null) continue
      this.parts.notifier.appDisplaced(runnerId, appSessionId)
      this.parts.log.info('app.revoked', { appSessionId, runnerId })
    }
    return { success: true }
  }

  /** From here on it hears of each device that is revoked; what it missed is answered. */
  async #revokedAmong(deviceIds: Register['deviceIds'], socket: Caller['socket']): Promise<DeviceId[]> {
    if (deviceIds === undefined) return []
    await socket.join(DEVICE_KEEPERS)
    return this.parts.admission.revokedAmong(deviceIds.flatMap((each) => parseDeviceId(each) ?? []))
  }

  #registered(runnerId: RunnerId, registered: Registered): void {
    const { apps, formerApps, resumed, epoch, expiresAt } = registered
    // Told before it is closed: an older process that is only cut off comes back and takes over again.
    this.parts.notifier.superseded(runnerId, epoch)
    if (!resumed) this.parts.notifier.runnerGone(runnerId, epoch - 1, formerApps)
    this.parts.notifier.runnerOnline(runnerId, apps)
    this.parts.presence.codeUntil(runnerId, expiresAt)
    this.parts.log.info(resumed ? 'runner.resumed' : 'runner.registered', { runnerId })
  }

  #refused(refusal: RegisterRefusal, peer: Peer, runnerId: string): Refusal {
    this.parts.log.info('runner.refused', { reason: refusal.reason, address: peer.address })
    switch (refusal.reason) {
      case 'secret-required':
        return refusalOf('INVALID_SECRET', "an unknown runner shows the broker's enrolment secret")
      case 'key-required':
        return refusalOf(
          'INVALID_SECRET',
          'this runner has shown a key: sign the nonce of runner:challenge with it',
        )
      case 'key-mismatch':
        return refusalOf('INVALID_SECRET', 'this runner has another key')
      case 'node-lapsed':
        return refusalOf('NETWORK_ERROR', 'this broker has lost touch with its store: try again')
      case 'duplicate-code':
        if (!refusal.isGuess)
          return refusalOf('DUPLICATE_CODE', 'this code of yours is not given again: propose another')
        this.parts.watch.failed('proposal', { address: peer.address, runnerId }, refusal)
        return refusalOf('DUPLICATE_CODE', 'this code is taken: propose another')
      case 'rate-limited':
        this.parts.watch.heldOff()
        return refusalOf('RATE_LIMITED', 'too many attempts: wait', secondsLeft(refusal.retryAfterMs))
      default:
        return assertNever(refusal)
    }
  }

  #now(): number {
    return Math.floor(this.parts.clock())
  }
}
