import { InputLedger } from '@latchkey/domain/terminal/input-ledger'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HELD_AFTER_MS, InputQueue, PENDING_BYTES_MAX } from './input-queue.ts'

interface Sent {
  readonly writer: string
  readonly connection: number
  readonly seq: number
  readonly bytes: Uint8Array
}

/**
 * One app types into one machine over a wire that may lose everything at any moment; the machine keeps the real ledger.
 * What the machine typed is compared with what the person meant to be typed.
 */
class World {
  readonly queue = new InputQueue()
  ledger = new InputLedger()
  writer = 0
  nowMs = 0
  typedByPerson: number[] = []
  discarded = 0
  readonly typedByMachine: number[] = []
  connection = 0
  /** under way: to the machine, and back */
  up: Sent[] = []
  /** what a relay held back when it cut a connection, to bring it later in that connection's name */
  heldBack: Sent[] = []
  down: number[] = []
  nextByte = 0

  type(count: number): void {
    const bytes = Uint8Array.from({ length: count }, () => this.nextByte++ & 0xff)
    if (this.queue.type(bytes, this.nowMs)) this.typedByPerson.push(...bytes)
  }

  send(bytesMax: number): void {
    const slice = this.queue.next(bytesMax)
    if (slice !== null) this.up.push({ writer: `${this.writer}`, connection: this.connection, ...slice })
  }

  machineTakes(): void {
    const frame = this.up.shift()
    if (frame === undefined) return
    const applied = this.take(frame)
    expect(applied.status, 'the app never leaves a hole').not.toBe('hole')
    if ('upTo' in applied) this.down.push(applied.upTo)
  }

  relayDelivers(): void {
    const frame = this.heldBack.shift()
    if (frame !== undefined) this.take(frame)
  }

  relayAttaches(): void {
    const frame = this.heldBack[0]
    if (frame !== undefined) this.ledger.attach(frame.writer, frame.connection)
  }

  take({ writer, connection, seq, bytes }: Sent) {
    const applied = this.ledger.apply(writer, connection, seq, bytes)
    if (applied.status === 'applied') this.typedByMachine.push(...applied.fresh)
    return applied
  }

  appHears(): void {
    const upTo = this.down.shift()
    if (upTo !== undefined) this.queue.acknowledge(upTo)
  }

  cut(): void {
    this.queue.lost()
    this.heldBack.push(...this.up)
    this.up = []
    this.down = []
  }

  reconnect(): void {
    this.cut()
    this.connection += 1
    const attached = this.ledger.attach(`${this.writer}`, this.connection)
    if (attached.status !== 'attached') throw new Error(attached.status)
    expect(this.queue.resume(attached.applied, this.nowMs)).not.toBe('forgotten')
  }

  sendHeld(): void {
    this.queue.sendHeld(this.nowMs)
  }

  discardHeld(): void {
    const held = this.queue.heldByteCount
    if (held === 0) return
    const from = this.typedByPerson.length - this.queue.pendingByteCount
    this.typedByPerson.splice(from, held)
    this.queue.discardHeld()
    this.ledger.giveUp(`${this.writer}`)
    this.writer += 1
    this.reconnect()
  }

  finish(): void {
    this.sendHeld()
    this.reconnect()
    this.sendHeld()
    while (this.queue.pendingByteCount > 0) {
      this.send(4096)
      this.machineTakes()
      this.appHears()
    }
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('type' as const), n: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ do: fc.constant('send' as const), n: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ do: fc.constant('machineTakes' as const) }),
  fc.record({ do: fc.constant('appHears' as const) }),
  fc.record({ do: fc.constant('cut' as const) }),
  fc.record({ do: fc.constant('reconnect' as const) }),
  fc.record({ do: fc.constant('relayDelivers' as const) }),
  fc.record({ do: fc.constant('relayAttaches' as const) }),
  fc.record({ do: fc.constant('wait' as const), n: fc.integer({ min: 1, max: 2 * HELD_AFTER_MS }) }),
  fc.record({ do: fc.constant('sendHeld' as const) }),
  fc.record({ do: fc.constant('discardHeld' as const) }),
)

describe('the input queue', () => {
  it('types every byte once and in order, but for what the person discarded, whatever is lost or held back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const world = new World()
        for (const each of steps) {
          if (each.do === 'type') world.type(each.n)
          else if (each.do === 'send') world.send(each.n)
          else if (each.do === 'wait') world.nowMs += each.n
          else world[each.do]()
        }
        world.finish()
        expect(world.typedByMachine).toEqual(world.typedByPerson)
      }),
      { numRuns: 3_000 },
    )
  })

  it('asks before it sends what is older than ten seconds at a reconnection, and sends nothing meanwhile', () => {
    const queue = new InputQueue()
    queue.type(Uint8Array.of(1, 2), 0)
    expect(queue.resume(0, HELD_AFTER_MS + 1)).toBe('held')
    queue.type(Uint8Array.of(3), HELD_AFTER_MS + 2)
    expect(queue.next(100)).toBeNull()
    expect([...queue.read('held')]).toEqual([1, 2])
    expect([...queue.read('pending')]).toEqual([1, 2, 3])
    queue.sendHeld(HELD_AFTER_MS + 3)
    expect(queue.next(100)).toEqual({ seq: 0, bytes: Uint8Array.of(1, 2, 3) })
    queue.lost()
    expect(queue.resume(0, HELD_AFTER_MS + 4), 'an answer given just now still counts').toBe('goes-on')
  })

  it('sends at once what is younger than ten seconds at a reconnection', () => {
    const queue = new InputQueue()
    queue.type(Uint8Array.of(1), 0)
    expect(queue.next(100), 'not before the machine said where to go on').toBeNull()
    expect(queue.resume(0, HELD_AFTER_MS)).toBe('goes-on')
    expect(queue.next(100)).toEqual({ seq: 0, bytes: Uint8Array.of(1) })
  })

  it('asks about input of unknown outcome when the machine has forgotten the writer', () => {
    const queue = new InputQueue()
    queue.resume(0, 0)
    queue.type(Uint8Array.of(1, 2, 3), 0)
    queue.next(100)
    queue.acknowledge(2)
    queue.lost()
    expect(queue.resume(0, 1)).toBe('forgotten')
    queue.renew()
    expect(queue.resume(0, 1)).toBe('held')
    expect([...queue.read('held')]).toEqual([3])
  })

  it('takes a paste as a whole or not at all', () => {
    const queue = new InputQueue()
    expect(queue.type(new Uint8Array(PENDING_BYTES_MAX), 0)).toBe(true)
    expect(queue.type(Uint8Array.of(1), 0)).toBe(false)
    expect(queue.pendingByteCount).toBe(PENDING_BYTES_MAX)
  })

  it('believes no acknowledgement of what it never sent', () => {
    const queue = new InputQueue()
    queue.resume(0, 0)
    queue.type(Uint8Array.of(1, 2), 0)
    queue.acknowledge(2)
    expect(queue.pendingByteCount).toBe(2)
  })
})
