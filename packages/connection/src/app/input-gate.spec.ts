import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputGate } from './input-gate.ts'
import { InputQueue, PENDING_BYTES_MAX } from './input-queue.ts'
import type { Typed } from './link.ts'

/** A source that is read unless it is made to wait, a queue with `room` bytes, and a program that reads now and then. */
class House {
  readonly #room: number
  readonly #source: number[]
  readonly #queue: number[] = []
  readonly read: number[] = []
  refusal: Typed | null = null
  readonly gate: InputGate

  constructor(byteCount: number, room: number) {
    this.#room = room
    this.#source = Array.from({ length: byteCount }, (_, at) => at & 0xff)
    this.gate = new InputGate({
      room: () => this.#room - this.#queue.length,
      type: (bytes) => {
        if (this.refusal !== null) return this.refusal
        if (bytes.length > this.#room - this.#queue.length) return 'full'
        this.#queue.push(...bytes)
        // As a watch does: its pending input has changed.
        this.gate.pump()
        return 'taken'
      },
      pause: () => {},
      resume: () => {},
    })
  }

  get isEmpty(): boolean {
    return this.#source.length + this.gate.waitingByteCount + this.#queue.length === 0
  }

  sourceGives(count: number): void {
    if (!this.gate.isPaused) this.gate.offer(Uint8Array.from(this.#source.splice(0, count)))
  }

  programReads(count: number): void {
    this.read.push(...this.#queue.splice(0, count))
    this.gate.pump()
  }
}

const PIECE_MAX = 90
const step = fc.record({
  who: fc.constantFrom('source' as const, 'program' as const),
  n: fc.integer({ min: 1, max: PIECE_MAX }),
})

describe('the gate before the input queue', () => {
  it('lets everything through once and in order, whatever the pace, and reads no further than one piece ahead', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 600 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(step),
        (size, room, steps) => {
          const house = new House(size, room)
          for (const { who, n } of steps) {
            if (who === 'source') house.sourceGives(n)
            else house.programReads(n)
            expect(house.gate.waitingByteCount).toBeLessThanOrEqual(PIECE_MAX)
            expect(house.gate.isPaused).toBe(house.gate.waitingByteCount > 0)
          }
          while (!house.isEmpty) {
            house.sourceGives(64)
            house.programReads(17)
          }
          expect(house.read).toEqual(Array.from({ length: size }, (_, at) => at & 0xff))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('fills the queue of a watch to its last byte, and goes on when the machine has acknowledged some', () => {
    const queue = new InputQueue()
    const told: string[] = []
    const gate = new InputGate({
      room: () => queue.room,
      type: (bytes) => (queue.type(bytes, 0) ? 'taken' : 'full'),
      pause: () => told.push('pause'),
      resume: () => told.push('resume'),
    })
    queue.resume(0, 0)
    gate.offer(new Uint8Array(PENDING_BYTES_MAX - 1))
    expect(gate.offer(Uint8Array.of(1, 2, 3))).toBe('taken')
    expect(queue.room).toBe(0)
    expect(gate.waitingByteCount).toBe(2)
    expect(told).toEqual(['pause'])
    queue.next(100)
    queue.acknowledge(100)
    gate.pump()
    expect(told).toEqual(['pause', 'resume'])
    expect([...queue.read('pending').subarray(-3)]).toEqual([1, 2, 3])
  })

  it('reads on while a question is open, so that the answer arrives', () => {
    const house = new House(200, 10)
    house.sourceGives(50)
    expect(house.gate.isPaused).toBe(true)
    house.gate.asking(true)
    expect(house.gate.isPaused).toBe(false)
    house.sourceGives(50)
    expect(house.gate.isPaused).toBe(false)
    house.gate.asking(false)
    expect(house.gate.isPaused).toBe(true)
    while (!house.isEmpty) {
      house.sourceGives(50)
      house.programReads(10)
    }
    expect(house.read).toHaveLength(200)
  })

  it.each(['view-only', 'ended'] as const)('keeps nothing and holds nobody up once it is %s', (refusal) => {
    const house = new House(100, 10)
    house.sourceGives(50)
    house.refusal = refusal
    house.programReads(10)
    expect(house.gate.waitingByteCount).toBe(0)
    expect(house.gate.isPaused).toBe(false)
    expect(house.gate.offer(Uint8Array.of(1))).toBe(refusal)
  })
})
