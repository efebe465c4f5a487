import type { ServerResponse } from 'node:http'
import type { JoinTokenDigest } from '@latchkey/domain/device-pairing/ids'
import type { PairingState } from '@latchkey/domain/device-pairing/pairing-state'
import type { JoinEvent } from '@latchkey/protocol/device-pairing'
import { EventStreams } from '../http/event-streams.ts'
import { failureFields, type Log } from '../log/log.ts'
import type { DeviceNotifier } from './device-notifier.ts'
import type { DevicePairingService } from './device-pairing.service.ts'

/** A fact of another instance may be lost, and a deadline sends none: every stream reads the state this often. */
const LOOKED_EVERY_MS = 3_000
/** More than there are pairings at a time; a page that is loaded anew leaves one behind for a moment. */
const STREAMS_MAX = 64

interface Parts {
  readonly pairing: DevicePairingService
  readonly notifier: DeviceNotifier
  readonly clock: () => number
  readonly log: Log
}

/** Sends a joining device how its pairing stands, over Server-Sent Events: at once, at every change, until it has ended. */
export class JoinStream {
  readonly #streams = new EventStreams(STREAMS_MAX)

  constructor(private readonly parts: Parts) {}

  get isFull(): boolean {
    return this.#streams.isFull
  }

  begin(response: ServerResponse, token: JoinTokenDigest): void {
    let told = ''
    let looking: Promise<void> | null = null
    let again = false

    const stream = this.#streams.begin(response, () => {
      stopFollowing()
      clearInterval(timer)
    })
    const lookOnce = async () => {
      const state = await this.parts.pairing.find(token)
      const event = state === null ? forgotten : eventOf(state, this.parts.clock())
      const serverTime = Math.floor(this.parts.clock())
      if (!stream.isOpen || JSON.stringify(event) === told) return
      told = JSON.stringify(event)
      stream.send({ ...event, serverTime } satisfies JoinEvent)
      if (event.status === 'registered' || event.status === 'failed') stream.end()
    }
    /** One look at a time; what happens during one is looked at after it. */
    const look = (): void => {
      if (looking !== null) {
        again = true
        return
      }
      looking = lookOnce()
        .catch((problem: unknown) => this.parts.log.error('device.follow-failed', failureFields(problem)))
        .finally(() => {
          looking = null
          if (again && stream.isOpen) look()
          again = false
        })
    }
    const stopFollowing = this.parts.notifier.follow(token, look)
    const timer = setInterval(look, LOOKED_EVERY_MS)
    look()
  }

  stop(): void {
    this.#streams.stop()
  }
}

type Said<Event> = Event extends unknown ? Omit<Event, 'serverTime'> : never

/** The token was there when the stream began, and an hour after its end it is not. */
const forgotten: Said<JoinEvent> = { status: 'failed', reason: 'expired' }

/** A pairing as its device is told. A deadline that has passed holds, whether or not a clean-up came by. */
function eventOf(state: PairingState, nowMs: number): Said<JoinEvent> {
  switch (state.status) {
    case 'TokenCreated':
      if (nowMs >= state.expiresAt) return forgotten
      return { status: 'waiting', expiresAt: state.expiresAt }
    case 'DeviceConnected':
    case 'PinVerified':
      if (nowMs >= state.expiresAt) return forgotten
      return { status: 'connected', expiresAt: state.expiresAt }
    case 'DeviceRegistered':
      return { status: 'registered', node: { id: state.node.id, name: state.node.name } }
    case 'Failed':
      return { status: 'failed', reason: state.reason }
  }
}
