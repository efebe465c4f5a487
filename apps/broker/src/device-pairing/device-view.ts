import { methodOf, type PairingState } from '@latchkey/domain/device-pairing/pairing-state'
import type { ListedPairing, PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { Device, PeerToken } from '@latchkey/domain/device-pairing/records'
import type { DeviceRules } from '@latchkey/domain/device-pairing/rules'
import type { ConsoleEvent } from '@latchkey/protocol/console'
import type { ListedDevice, PairingView } from '@latchkey/protocol/device-pairing'
import type { Census } from '../cluster/cluster-bus.ts'
import { failureFields, type Log } from '../log/log.ts'

const PAIRINGS_MAX = 50
/** Tokens besides the one of each device: revoked and expired ones are kept for a while. */
const FORMER_TOKENS_MAX = 10_000

/** One that is just over has been told so by then. */
const SOON_MS = 1_000

interface Parts {
  readonly repository: PairingRepository
  readonly rules: DeviceRules
  readonly clock: () => number
  readonly log: Log
}

/** Devices as the operator sees them, made anew from the repository and the live connections. */
export class DeviceView {
  constructor(private readonly parts: Parts) {}

  /** All devices, the oldest first. */
  async devices(
    census: readonly Census[],
  ): Promise<{ readonly nodes: ListedDevice[]; readonly limit: number }> {
    const [devices, tokens, enrolments] = await Promise.all([
      this.parts.repository.listDevices(),
      this.parts.repository.listTokens(this.parts.rules.deviceLimit + FORMER_TOKENS_MAX),
      this.parts.repository.listEnrolments(),
    ])
    const connected = new Set(census.flatMap((each) => each.meshNodes ?? []))
    const views = devices.map((device) => {
      const token = tokens.find(({ nodeId, revokedAt }) => nodeId === device.id && revokedAt === null)
      const runners = enrolments.filter(({ nodeId }) => nodeId === device.id).map(({ runnerId }) => runnerId)
      return this.#listed(device, token, runners, connected.has(device.id))
    })
    return { nodes: views, limit: this.parts.rules.deviceLimit }
  }

  async device(device: Device, census: readonly Census[]): Promise<ListedDevice> {
    const { nodes } = await this.devices(census)
    return nodes.find(({ id }) => id === device.id) ?? this.#listed(device, undefined, [], false)
  }

  /** What the console shows of devices; nothing while their store is away, since all else can be shown. */
  async forConsole(census: readonly Census[]): Promise<Pick<ConsoleEvent, 'devices' | 'pairings'>> {
    try {
      return { devices: await this.devices(census), pairings: await this.pairings() }
    } catch (problem) {
      this.parts.log.warn('device.not-shown', failureFields(problem))
      return {}
    }
  }

  /** Pairings under way and those that ended within the hour, the newest first. */
  async pairings(): Promise<PairingView[]> {
    const listed = await this.parts.repository.listPairings(PAIRINGS_MAX)
    return listed.map((each) => this.#pairingView(each))
  }

  /** In how many milliseconds one of the pairings that the operator has begun is over by itself. */
  async nextEndMs(): Promise<number> {
    const ends = (await this.pairings())
      .filter(({ status, method }) => method === 'pin' && (status === 'waiting' || status === 'connected'))
      .flatMap(({ expiresAt }) => expiresAt ?? [])
    const now = this.parts.clock()
    return Math.max(SOON_MS, Math.min(...ends, now + this.parts.rules.tokenLifeMs) - now)
  }

  #listed(
    device: Device,
    token: PeerToken | undefined,
    runners: readonly string[],
    connected: boolean,
  ): ListedDevice {
    const now = Math.floor(this.parts.clock())
    const { id, name, hostname, port, roles, isFirst, createdAt, lastSeenAt } = device
    const { note, tags, appRights, lastAddress, removalAt } = device
    return {
      id,
      name,
      hostname,
      port,
      roles: [...roles],
      isFirst,
      joinedAt: createdAt,
      lastSeenAt: connected ? Math.max(now, lastSeenAt) : lastSeenAt,
      connected,
      runners: [...runners],
      token: tokenView(device, token, now),
      note,
      tags: [...tags],
      appRights: appRights === null ? null : [...appRights],
      lastAddress,
      removalAt,
    }
  }

  #pairingView({ startedAt, state }: ListedPairing): PairingView {
    const { token } = state
    const none = {
      expiresAt: null,
      userCodeHash: null,
      attemptsLeft: null,
      turnedAway: 0,
      reason: null,
    } as const
    const base = { id: token, startedAt, ...none }
    switch (state.status) {
      case 'TokenCreated':
      case 'DeviceConnected':
      case 'PinVerified': {
        const view = { ...base, method: methodOf(state), device: deviceOf(state), expiresAt: state.expiresAt }
        if (this.parts.clock() >= state.expiresAt) return { ...view, status: 'failed', reason: 'expired' }
        const turnedAway = state.status === 'DeviceConnected' ? (state.turnedAway ?? 0) : 0
        return {
          ...view,
          status: STATUS[state.status],
          userCodeHash: userCodeOf(state),
          attemptsLeft: this.#attemptsLeft(state),
          turnedAway,
        }
      }
      case 'DeviceRegistered':
        return { ...base, status: 'registered', method: state.by ?? 'pin', device: deviceOf(state) }
      case 'Failed': {
        const before = state.stateAtFailure
        const { reason } = state
        return { ...base, status: 'failed', method: methodOf(before), device: deviceOf(before), reason }
      }
    }
  }

  #attemptsLeft(state: PairingState): number | null {
    if (state.status !== 'DeviceConnected' || state.claim.method !== 'pin') return null
    return this.parts.rules.attemptsMax - state.claim.attempts
  }
}

/** A token that is over is forgotten after a while: its absence says that it ended, not that there was none. */
function tokenView(device: Device, token: PeerToken | undefined, now: number): ListedDevice['token'] {
  if (device.isFirst) return { status: 'none', expiresAt: null }
  if (token === undefined) return { status: 'expired', expiresAt: null }
  return { status: now < token.expiresAt ? 'valid' : 'expired', expiresAt: token.expiresAt }
}

const STATUS = { TokenCreated: 'waiting', DeviceConnected: 'connected', PinVerified: 'verified' } as const

const userCodeOf = (state: PairingState): string | null =>
  state.status === 'DeviceConnected' && state.claim.method === 'consent' ? state.claim.userCode : null

function deviceOf(state: PairingState): PairingView['device'] {
  switch (state.status) {
    case 'DeviceConnected':
    case 'PinVerified':
      return { name: state.name, address: state.deviceIp, nodeId: state.deviceNodeId }
    case 'DeviceRegistered':
      return { name: state.node.name, address: state.node.hostname, nodeId: state.node.id }
    case 'TokenCreated':
    case 'Failed':
      return null
  }
}
