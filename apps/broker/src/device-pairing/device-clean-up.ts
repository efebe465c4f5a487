import { keepDevice } from '@latchkey/domain/device-pairing/devices'
import type { PairingRepository } from '@latchkey/domain/device-pairing/ports'
import type { DeviceRules } from '@latchkey/domain/device-pairing/rules'
import { announceEnd } from '@latchkey/domain/device-pairing/unused-devices'
import type { Log } from '../log/log.ts'
import { safe } from '../shell/safe.ts'
import type { DeviceService } from './device.service.ts'
import type { DeviceConnections } from './device-connections.ts'
import type { DeviceNotifier } from './device-notifier.ts'

const EVERY_MS = 60_000
/** What another broker told may be lost: no wrong connection outlives this. */
const RECHECKED_EVERY_MS = 5_000
/** The trail of events is for people to look back: months of an ordinary mesh. */
const EVENTS_MAX = 10_000

/** What the clean-up has done since the start. */
export interface CleanUpCounts {
  readonly runs: number
  /** pairings that were over and were failed */
  readonly failed: number
  /** records that were deleted */
  readonly purged: number
}

interface Parts {
  readonly repository: PairingRepository
  readonly rules: DeviceRules
  readonly log: Log
  readonly notifier: DeviceNotifier
  readonly connections: DeviceConnections
  readonly nodes: Pick<DeviceService, 'revoke'>
}

/** Every minute: fails pairings that are over, deletes old ones. More often: closes connections of devices that were revoked. */
export class DeviceCleanUp {
  readonly #timers: readonly NodeJS.Timeout[]
  #counts: CleanUpCounts = { runs: 0, failed: 0, purged: 0 }

  constructor(private readonly parts: Parts) {
    this.#timers = [
      setInterval(
        safe(parts.log, 'device.clean-up-failed', () => this.run()),
        EVERY_MS,
      ),
      setInterval(
        safe(parts.log, 'device.recheck-failed', () => this.#recheck()),
        RECHECKED_EVERY_MS,
      ),
    ]
    for (const timer of this.#timers) timer.unref()
  }

  get counts(): CleanUpCounts {
    return this.#counts
  }

  async run(): Promise<void> {
    await this.#keepConnected()
    await this.#announceEnds()
    const { endedKeptMs, revokedKeptMs } = this.parts.rules
    const { failed, purged } = await this.parts.repository.purge({
      endedKeptMs,
      revokedKeptMs,
      eventsMax: EVENTS_MAX,
    })
    const { runs, ...before } = this.#counts
    this.#counts = {
      runs: runs + 1,
      failed: before.failed + failed.length,
      purged: before.purged + purged,
    }
    if (failed.length > 0) this.parts.log.info('device.expired', { count: failed.length })
    if (purged > 0) this.parts.log.info('device.purged', { count: purged })
    for (const { token } of failed) this.parts.notifier.changed(token)
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  async #recheck(): Promise<void> {
    if (this.parts.connections.here.size === 0) return
    const devices = await this.parts.repository.listDevices()
    this.parts.connections.endAllBut(new Set(devices.map(({ id }) => id)))
  }

  /** Tells of devices that are not used and whose end is near, and carries out announced removals. */
  async #announceEnds(): Promise<void> {
    const { repository, rules, log, nodes } = this.parts
    for (const { id: nodeId, isFirst } of await repository.listDevices()) {
      if (isFirst) continue
      const outcome = await repository.run(announceEnd({ nodeId }, rules))
      if (outcome === 'told') log.warn('device.end-near', { nodeId })
      // Another broker instance may have been first: then there is nothing left to remove.
      if (outcome === 'due') await nodes.revoke(nodeId, 'broker')
    }
  }

  /** To be connected is to be in use: without this a machine that never loses its connection would end after 30 days. */
  async #keepConnected(): Promise<void> {
    const { here } = this.parts.connections
    if (here.size === 0) return
    for (const { id: nodeId } of await this.parts.repository.listDevices()) {
      if (!here.has(nodeId)) continue
      await this.parts.repository.run(keepDevice({ nodeId }, this.parts.rules))
    }
  }
}
