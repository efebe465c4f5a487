import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OutputCursor } from './output-cursor.ts'

/** A machine with `ring` bytes kept, an app that loses its connection at will. Every byte of output is its offset. */
class World {
  end = 0
  /** what the machine still has */
  readonly ringBytes: number
  /** on this connection: sent up to here, allowed up to there */
  sent: number | null = null
  granted = 0
  /** drawn: [from, to) runs of offsets, and the bytes announced as lost */
  readonly drawn: { from: number; to: number }[] = []
  lost = 0
  startedAt: number | null = null
  readonly waiting: (() => void)[] = []
  readonly cursor: OutputCursor

  constructor(ringBytes: number) {
    this.ringBytes = ringBytes
    this.cursor = new OutputCursor({
      sink: {
        write: (bytes, drawn) => {
          const from = this.at
          expect(bytes.every((byte, index) => byte === ((from + index) & 0xff))).toBe(true)
          this.drawn.push({ from, to: from + bytes.length })
          this.waiting.push(drawn)
        },
        reset: (_, drawn) => drawn(),
        gap: (byteCount) => {
          this.lost += byteCount
        },
        size: () => {},
        exited: () => {},
        gone: () => {},
      },
      nowMs: () => 0,
      grant: (upTo) => {
        if (this.sent !== null) this.granted = Math.max(this.granted, upTo)
      },
      restart: () => expect.fail('the machine left no hole'),
    })
  }

  /** where the next drawn byte must be */
  get at(): number {
    return this.drawn.at(-1)?.to ?? this.startedAt ?? 0
  }

  print(count: number): void {
    this.end += count
  }

  cut(): void {
    this.cursor.lost()
    this.sent = null
    this.granted = 0
  }

  connect(): void {
    this.cut()
    const { from } = this.cursor
    const start = Math.max(0, this.end - this.ringBytes)
    if (from !== null && from >= start) {
      this.sent = from
      this.granted = from
      this.cursor.attached(from)
      return
    }
    this.sent = this.end
    this.granted = this.end
    this.cursor.attached(from ?? this.end)
    if (from !== null) {
      this.lost += this.end - from
      this.drawn.push({ from: this.end, to: this.end })
    }
    this.startedAt ??= this.end
    const header = {
      type: 'snapshot',
      terminal: 1,
      kind: 'screen',
      offset: this.end,
      cols: 80,
      rows: 24,
    } as const
    this.cursor.snapshot({ ...header, bytes: 3 })
    this.cursor.history(0, Uint8Array.of(1, 2))
    expect(this.cursor.caughtUp).toBe(false)
    this.cursor.history(2, Uint8Array.of(3))
  }

  send(count: number): void {
    if (this.sent === null) return
    const to = Math.min(this.end, this.granted, this.sent + count)
    if (to <= this.sent) return
    const bytes = Uint8Array.from({ length: to - this.sent }, (_, index) => ((this.sent ?? 0) + index) & 0xff)
    this.cursor.output(this.sent, bytes)
    this.sent = to
  }

  draw(count: number): void {
    for (const drawn of this.waiting.splice(0, count)) drawn()
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('print' as const), n: fc.integer({ min: 1, max: 400_000 }) }),
  fc.record({ do: fc.constant('send' as const), n: fc.integer({ min: 1, max: 65_536 }) }),
  fc.record({ do: fc.constant('draw' as const), n: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('connect' as const) }),
  fc.record({ do: fc.constant('cut' as const) }),
)

describe('the output cursor', () => {
  it('draws every byte once and in order through any losses, or says how many are gone', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 500_000 }), (steps, ring) => {
        const world = new World(ring)
        for (const each of steps) {
          if (each.do === 'connect' || each.do === 'cut') world[each.do]()
          else world[each.do](each.n)
        }
        world.connect()
        while ((world.sent ?? 0) < world.end) {
          world.send(65_536)
          world.draw(4)
        }
        const bytes = world.drawn.reduce((sum, { from, to }) => sum + to - from, 0)
        expect(bytes + world.lost).toBe(world.end - (world.startedAt ?? 0))
        expect(world.cursor.caughtUp).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('asks for a new screen when output is missing that nobody announced', () => {
    let restarts = 0
    const gaps: number[] = []
    const cursor = new OutputCursor({
      sink: {
        write: () => expect.fail('not drawn'),
        reset: () => {},
        gap: (byteCount) => gaps.push(byteCount),
        size: () => {},
        exited: () => {},
        gone: () => {},
      },
      nowMs: () => 0,
      grant: () => {},
      restart: () => restarts++,
    })
    cursor.attached(10)
    cursor.snapshot({ type: 'snapshot', terminal: 1, kind: 'screen', offset: 10, cols: 8, rows: 2, bytes: 0 })
    cursor.output(15, Uint8Array.of(1))
    expect(gaps).toEqual([5])
    expect(restarts).toBe(1)
    expect(cursor.from).toBeNull()
  })

  it('refuses a snapshot that announces more than any screen has, or that does not hold together', () => {
    const cursor = new OutputCursor({
      sink: { write() {}, reset() {}, gap() {}, size() {}, exited() {}, gone() {} },
      nowMs: () => 0,
      grant: () => {},
      restart: () => {},
    })
    const header = { type: 'snapshot', terminal: 1, kind: 'screen', offset: 0, cols: 8, rows: 2 } as const
    expect(cursor.snapshot({ ...header, bytes: 2 ** 40 })).toBe(false)
    expect(cursor.snapshot({ ...header, bytes: 4 })).toBe(true)
    expect(cursor.history(1, Uint8Array.of(1))).toBe(false)
    expect(cursor.history(0, new Uint8Array(5))).toBe(false)
  })
})
