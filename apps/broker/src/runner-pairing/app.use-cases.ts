import { createHash, randomBytes } from 'node:crypto'
import { secondsLeft } from '@latchkey/domain/limits/budget'
import { appSubjects } from '@latchkey/domain/limits/subjects'
import { type PairBy, type Paired, type PairRefusal, pair } from '@latchkey/domain/runner-pairing/pair'
import {
  type Authority,
  authorise,
  type PairingStanding,
  pairingStanding,
  unpair,
} from '@latchkey/domain/runner-pairing/pairing-session'
import { type PairingStore, readRecord } from '@latchkey/domain/runner-pairing/ports'
import { parseRunnerId, type RunnerRecord } from '@latchkey/domain/runner-pairing/records'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import type { ReplyOf } from '@latchkey/protocol/call'
import type { appCalls, Refusal, terminalCalls } from '@latchkey/protocol/runner-pairing'
import type { z } from 'zod'
import type { LimitsWatch } from '../limits/limits-watch.ts'
import type { UnreadableCodes } from '../limits/unreadable-codes.ts'
import type { Log } from '../log/log.ts'
import { type Caller, refusalOf } from '../shell/answer.ts'
import type { Peer } from '../shell/connection.ts'
import type { AppHolder } from '../terminal/channels.ts'
import type { TicketOffice } from '../terminal/tickets.ts'
import type { PairingNotifier } from './pairing.notifier.ts'

type Calls = typeof appCalls
type Answer<Name extends keyof Calls> = Promise<ReplyOf<Calls, Name> | Refusal>
type PairRequest = z.output<Calls['app:pair']['request']>

type StatusReply = ReplyOf<Calls, 'app:pairing:status'>
/** A ticket of an app always names its pairing. */
type AppTicketReply = ReplyOf<typeof terminalCalls, 'terminal:ticket'> & { readonly pid: string }

/** What of an app goes into its tickets. */
type Ticketed = Pick<Peer, 'appSessionId' | 'label' | 'address'>

const PID_BYTES = 16

const WHY: Readonly<Record<Exclude<PairRefusal['code'], 'RATE_LIMITED'>, string>> = {
  INVALID_FORMAT: 'A code looks like ABC-123-XYZ.',
  CODE_NOT_FOUND: 'No machine has this code.',
  CODE_EXPIRED: 'This code is no longer valid: the machine shows a new one.',
  RUNNER_OFFLINE: 'The machine with this code is not connected just now.',
}

interface Parts {
  readonly store: PairingStore
  readonly rules: PairingRules
  readonly log: Log
  readonly tickets: TicketOffice
  readonly mask: (code: string | undefined) => string
  readonly notifier: PairingNotifier
  readonly watch: LimitsWatch
  readonly codes: UnreadableCodes
}

/** What apps ask for, each in one step of the store. */
export class AppUseCases {
  constructor(private readonly parts: Parts) {}

  readonly pair = async (request: PairRequest, { peer }: Caller): Answer<'app:pair'> => {
    const { appSessionId, address, label } = peer
    // From here on a status of before the call is no answer.
    peer.arriving = null
    const by = this.#readBy(request, address)
    if (by !== null && 'leftMs' in by) return this.#heldOff(by.leftMs)
    if (by === null) return refusalOf('INVALID_FORMAT', WHY.INVALID_FORMAT)
    const maskedCode = this.parts.mask(by.via === 'code' ? by.candidates[0] : undefined)
    const pid = randomBytes(PID_BYTES).toString('hex')
    const subjects = appSubjects(appSessionId, address)
    const seen = { label, address }
    const command = { appSessionId, by, pid, maskedCode, subjects, seen }
    const decision = await this.parts.store.run(pair(command, this.parts.rules))
    if (!decision.ok) return this.#refused(decision.refusal, peer)

    const paired = decision.value
    if (paired.movedFrom !== null) this.parts.notifier.appUnpaired(paired.movedFrom, appSessionId)
    if (paired.displaced !== null) this.parts.notifier.appDisplaced(paired.runnerId, paired.displaced)
    const device = peer.nodeId === null ? {} : { deviceId: peer.nodeId }
    const rights = peer.appRights === null ? {} : { rights: [...peer.appRights] }
    this.parts.notifier.appPaired(paired.runnerId, {
      ...{ appSessionId, pid, address, label },
      ...device,
      ...rights,
    })
    if (paired.codeIsKnown) this.#codeIsKnown(paired.runnerId)
    this.parts.log.info('app.paired', { appSessionId, runnerId: paired.runnerId, address })
    return this.#pairedReply(paired, peer)
  }

  readonly status = async (_request: unknown, { peer }: Caller): Answer<'app:pairing:status'> => {
    const { arriving } = peer
    return statusReply(await (arriving ?? this.#standing(peer)))
  }

  /**
   * What an app that comes back is told unasked, in one run of the store: its status, and a ticket where it may go to its runner.
   * It asks for its status itself at the same time, and shares this run while it lasts.
   */
  async arrive(
    peer: Peer,
  ): Promise<{ readonly status: StatusReply; readonly ticket: AppTicketReply | null }> {
    const arriving = this.#standing(peer)
    peer.arriving = arriving
    try {
      const standing = await arriving
      const { entry } = standing
      // A connection that speaks for a runner by now asks for its ticket itself.
      const ticket = entry.ok && peer.runner === null ? this.#appTicketReply(peer, entry.value) : null
      return { status: statusReply(standing), ticket }
    } finally {
      if (peer.arriving === arriving) peer.arriving = null
    }
  }

  readonly unpair = async (_request: unknown, { peer }: Caller): Answer<'app:unpair'> => {
    const { appSessionId } = peer
    peer.arriving = null
    const { runnerId } = await this.parts.store.run(unpair({ appSessionId }, this.parts.rules))
    if (runnerId === null) return { success: true, message: 'Was not paired.' }
    this.parts.notifier.appUnpaired(runnerId, appSessionId)
    this.parts.log.info('app.unpaired', { appSessionId, runnerId })
    return { success: true, runnerId, message: 'Unpaired.' }
  }

  /** Another ticket for either end, when its terminal connection was lost. */
  readonly ticket = async (
    _request: unknown,
    { peer }: Caller,
  ): Promise<ReplyOf<typeof terminalCalls, 'terminal:ticket'> | Refusal> => {
    if (peer.runner !== null) {
      const { runnerId, epoch } = peer.runner
      const record = await this.#runner(runnerId)
      if (record?.epoch !== epoch)
        return refusalOf('INVALID_SECRET', 'this connection no longer speaks for that runner')
      return { success: true, terminal: this.parts.tickets.issue({ end: 'runner', runnerId, epoch }, null) }
    }
    const decision = await this.parts.store.run(authorise(peer, this.parts.rules))
    if (!decision.ok) {
      const { code } = decision.refusal
      return refusalOf(code, code === 'NOT_PAIRED' ? 'Not paired.' : 'The machine is not connected just now.')
    }
    return this.#appTicketReply(peer, decision.value)
  }

  /** A ticket for an app that has shown its credential; null where it may go to no machine now. */
  async ticketOf(app: Ticketed): Promise<string | null> {
    const decision = await this.parts.store.run(authorise(app, this.parts.rules))
    return decision.ok ? this.#appTicketReply(app, decision.value).terminal.ticket : null
  }

  #standing({ appSessionId }: Peer): Promise<PairingStanding> {
    return this.parts.store.run(pairingStanding({ appSessionId }, this.parts.rules))
  }

  #appTicketReply(peer: Ticketed, authority: Authority): AppTicketReply {
    const { runnerId, gen, node } = authority
    const pid = authority.pid ?? pidOf(peer.appSessionId, runnerId, gen)
    return { success: true, pid, terminal: this.#appTicket(peer, { runnerId, gen, pid }, node) }
  }

  #pairedReply(paired: Paired, peer: Peer): ReplyOf<Calls, 'app:pair'> {
    const { runnerId, runnerLabel, pairedAt, pid } = paired
    return {
      success: true,
      runnerId,
      pairedAt,
      message: 'Paired.',
      runnerLabel,
      pid,
      terminal: this.#appTicket(peer, paired, paired.node),
    }
  }

  /** @param home where the runner's connection is: both ends of a terminal meet there */
  #appTicket(peer: Ticketed, to: Pick<AppHolder, 'runnerId' | 'gen' | 'pid'>, home: string | null) {
    const { appSessionId, label, address } = peer
    const { runnerId, gen, pid } = to
    return this.parts.tickets.issue({ end: 'app', appSessionId, runnerId, gen, pid, label, address }, home)
  }

  #refused(refusal: PairRefusal, peer: Peer): Refusal {
    const { appSessionId, address } = peer
    this.parts.log.info('app.refused', { appSessionId, address, code: refusal.code })
    if (refusal.code === 'RATE_LIMITED') return this.#heldOff(refusal.retryAfterMs)
    if (refusal.code === 'INVALID_FORMAT') return refusalOf('INVALID_FORMAT', WHY.INVALID_FORMAT)
    if (refusal.isGuess) this.parts.watch.failed('code', { appSessionId, address }, refusal)
    const bannedSeconds = refusal.bannedMs > 0 ? secondsLeft(refusal.bannedMs) : undefined
    return refusalOf(refusal.code, WHY[refusal.code], bannedSeconds)
  }

  #heldOff(leftMs: number): Refusal {
    this.parts.watch.heldOff()
    const seconds = secondsLeft(leftMs)
    return refusalOf('RATE_LIMITED', `Too many attempts: try again in ${seconds} s.`, seconds)
  }

  /** How the app would find its runner; null when the runner's id is none. */
  #readBy(request: PairRequest, address: string): PairBy | { readonly leftMs: number } | null {
    if ('pairingCode' in request) {
      const read = this.parts.codes.read(request.pairingCode, address)
      return read.status === 'read' ? { via: 'code', candidates: read.candidates } : read
    }
    const runnerId = parseRunnerId(request.runnerId)
    const routeTicketDigest = createHash('sha256').update(request.routeTicket).digest('hex')
    return runnerId === null ? null : { via: 'route', runnerId, routeTicketDigest }
  }

  /** Apps that found the code stay paired: a code alone opens no terminal. */
  #codeIsKnown(runnerId: string): void {
    this.parts.watch.codeIsKnown(runnerId)
    this.parts.notifier.renewCode(runnerId, 'guessing')
  }

  #runner(id: string): Promise<RunnerRecord | undefined> {
    return this.parts.store.run(readRecord('runner', id))
  }
}

function statusReply({ status, runner }: PairingStanding): StatusReply {
  if (!status.paired) {
    const former = status.formerRunnerId
    return {
      success: true,
      paired: false,
      ...(former === null ? {} : { runnerId: former }),
      ...(runner === undefined ? {} : { runnerLabel: runner.label }),
      message: former === null ? 'Not paired.' : 'The pairing has ended: pair again.',
    }
  }
  const { runnerId, runnerOnline, pairedAt } = status
  const lastSeenAt = runner === undefined ? null : lastSeenOf(runner)
  return {
    success: true,
    paired: true,
    runnerId,
    runnerLabel: runner?.label ?? '',
    runnerOnline,
    ...(lastSeenAt === null ? {} : { runnerLastSeenAt: lastSeenAt }),
    pairedAt,
    message: runnerOnline ? 'Paired, and the machine is connected.' : 'Paired; the machine is not connected.',
  }
}

/** A pairing that a founding operation made has no name: it gets the same one every time. */
const pidOf = (appSessionId: string, runnerId: string, gen: number): string =>
  createHash('sha256')
    .update(JSON.stringify([appSessionId, runnerId, gen]))
    .digest('hex')
    .slice(0, 2 * PID_BYTES)

/** When a runner was heard of last, by the store's clock; null if never. */
export function lastSeenOf({ presence }: RunnerRecord): number | null {
  switch (presence.status) {
    case 'online':
      return presence.heartbeatAt
    case 'silent':
    case 'suspended':
      return presence.since
    case 'gone':
      return presence.at
    case 'unseen':
      return null
  }
}
