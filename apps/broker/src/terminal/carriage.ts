import { CloseReason, FRAME_BYTES_MAX, NO_CHANNEL } from '@latchkey/protocol/terminal/frames'
import { type RawData, WebSocket } from 'ws'
import { failureFields, type Log } from '../log/log.ts'
import { INSTANCE_PASS_HEADER, type InstancePass } from './instance-pass.ts'
import { Leg, QUEUED_BYTES_HIGH, WsCode } from './leg.ts'

/** Where the other brokers are. */
export interface InstanceAddresses {
  /** where other instances reach that one, as http(s)://host:port; null when it is not there */
  addressOf(instanceId: string): string | null
}

/** Both are on one network: a person should not wait longer for the other instance. */
const CONNECT_WITHIN_MS = 1_500
/** A client need not send before the far end has answered; a few frames may be under way all the same. */
const EARLY_FRAMES_MAX = 16

interface Parts {
  readonly instances: InstanceAddresses
  readonly pass: InstancePass
  readonly log: Log
}

/**
 * Carries terminal sockets to the instances that their tickets name: one WebSocket for each, and no frame is read on the way. So
 * back-pressure is TCP's from end to end, and one that stalls delays no other; many on one link would need credit of their own.
 */
export class Carriages {
  readonly #open = new Set<Carriage>()

  constructor(private readonly parts: Parts) {}

  get count(): number {
    return this.#open.size
  }

  /** @param first the frame that holds the ticket */
  carry(near: Leg, first: Buffer, instance: string): void {
    const address = this.parts.instances.addressOf(instance)
    if (address === null) {
      this.parts.log.info('terminal.node-gone', { nodeId: instance })
      return near.end(NO_CHANNEL, CloseReason.runnerGone, WsCode.tryLater)
    }
    const far = new WebSocket(`${address.replace(/^http/, 'ws')}/terminal`, {
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
      handshakeTimeout: CONNECT_WITHIN_MS,
      headers: { [INSTANCE_PASS_HEADER]: this.parts.pass.issue() },
      // A mask keeps scripts of a page from choosing the bytes on the wire (RFC 6455 10.3). No page uses this connection.
      generateMask: () => {},
    })
    this.parts.log.info('terminal.carried', { nodeId: instance })
    // The close that follows says to the client what it needs; why, the operator has to know.
    far.on('error', (problem) =>
      this.parts.log.warn('terminal.not-carried', { nodeId: instance, ...failureFields(problem) }),
    )
    const carriage = new Carriage(near, new Leg(far), first)
    this.#open.add(carriage)
    near.socket.once('close', () => this.#open.delete(carriage))
  }

  stop(): void {
    for (const carriage of this.#open) carriage.stop()
  }
}

class Carriage {
  /** what came before the far end was there; null once it is */
  #early: Buffer[] | null

  constructor(
    private readonly near: Leg,
    private readonly far: Leg,
    first: Buffer,
  ) {
    this.#early = [first]
    near.socket.pause()
    near.socket.on('message', (data: RawData, isBinary) => this.#fromNear(data, isBinary))
    near.socket.once('close', () => far.close(WsCode.normal))
    far.socket.once('open', () => this.#arrived())
    far.socket.on('message', (data: RawData) => {
      if (data instanceof Buffer) passOn(data, far, near)
    })
    far.socket.once('close', (code) => this.#farEnded(code))
  }

  stop(): void {
    this.near.end(NO_CHANNEL, CloseReason.restarting, WsCode.restarting)
  }

  #arrived(): void {
    const early = this.#early ?? []
    this.#early = null
    for (const frame of early) this.far.forward(frame)
    this.near.socket.resume()
  }

  #fromNear(data: RawData, isBinary: boolean): void {
    const isFrame = isBinary && data instanceof Buffer
    if (!isFrame || (this.#early !== null && this.#early.length >= EARLY_FRAMES_MAX)) {
      this.near.end(NO_CHANNEL, CloseReason.malformed, WsCode.unsupported)
    } else if (this.#early !== null) this.#early.push(data)
    else passOn(data, this.near, this.far)
  }

  #farEnded(code: number): void {
    // 1006: it was cut, or was never there. The client comes back, and its next ticket knows better.
    if (code === WsCode.abnormal) this.near.end(NO_CHANNEL, CloseReason.runnerGone, WsCode.tryLater)
    else this.near.close(code === WsCode.noStatus ? WsCode.normal : code)
  }
}

/** While too much waits for the one end, the other is not read from. */
function passOn(frame: Buffer, from: Leg, to: Leg): void {
  if (to.forward(frame) <= QUEUED_BYTES_HIGH) return
  from.socket.pause()
  to.whenDrained(() => from.socket.resume())
}
