import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NEW_HANDSHAKE_AFTER_MS, SealedChannel } from './channel.ts'
import { decodeFrameHeader, FRAME_HEADER_BYTES } from './frame-header.ts'
import { noblePrimitives } from './primitives.ts'
import { REKEY_AFTER_BYTES, REKEY_AFTER_FRAMES, REKEY_AFTER_MS, SealingHalf } from './sealing.ts'
import { primitives } from './two-ends.fixture.ts'

const INTERLEAVINGS = 100_000

/** Both ends of one channel, on a clock that a test turns. */
function twoEnds(id = 1, pad = false) {
  const time = { nowMs: 0 }
  const end = (role: 'app' | 'runner') =>
    new SealedChannel({
      aead: primitives.aead,
      role,
      secrets: {
        fromApp: new Uint8Array(32).fill(id),
        fromRunner: new Uint8Array(32).fill(id + 100),
        channel: new Uint8Array(8).fill(id),
      },
      clock: () => time.nowMs,
      pad,
    })
  return { app: end('app'), runner: end('runner'), time }
}

const word = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 0xff)

/** What the ends and the relay may do next. `pick` chooses among the frames sent so far, `bit` a place in one. */
const move = fc.record({
  kind: fc.constantFrom(
    'send',
    'send',
    'tick',
    // any frame, in any order, any number of times: delivers, drops, replays, reorders
    'deliver',
    'deliver',
    'next',
    'next',
    'reflect',
    'other-channel',
    'flip-header',
    'flip-body',
    'cut',
    'join',
  ),
  from: fc.constantFrom('app', 'runner'),
  pick: fc.nat(20),
  bit: fc.nat(2 ** 16),
})
type Move = typeof move extends fc.Arbitrary<infer One> ? One : never

/** One direction as the relay sees it: all that was sealed, and the place of what was given out last. */
interface Line {
  readonly sealed: Uint8Array[]
  givenOut: number
}

describe('a sealed channel', () => {
  it(`gives out each frame at most once, in order, unchanged, in ${INTERLEAVINGS.toLocaleString('en')} interleavings`, () => {
    let givenOut = 0
    let refused = 0
    fc.assert(
      fc.property(fc.array(move, { maxLength: 24, size: 'max' }), fc.boolean(), (moves, pad) => {
        const ends = twoEnds(1, pad)
        const stranger = twoEnds(2, pad)
        const lines = {
          app: { sealed: [], givenOut: -1 } as Line,
          runner: { sealed: [], givenOut: -1 } as Line,
        }
        const used = new Set<string>()
        for (const { kind, from, pick, bit } of moves) {
          const line = lines[from]
          const sender = ends[from]
          if (kind === 'tick') ends.time.nowMs += REKEY_AFTER_MS
          else if (kind === 'send') {
            if (sender.end.status !== 'open') continue
            const payload = sender.seal(word(line.sealed.length))
            for (const nonce of noncesIn(payload)) {
              expect(used.has(nonce)).toBe(false)
              used.add(nonce)
            }
            line.sealed.push(payload)
          } else {
            const at = kind === 'next' ? line.givenOut + 1 : pick % Math.max(1, line.sealed.length)
            const original = line.sealed[at]
            if (original === undefined) continue
            const forged = forge(kind, original, bit, stranger[from])
            const receiver = kind === 'reflect' ? sender : ends[from === 'app' ? 'runner' : 'app']
            const wasOpen = receiver.end.status === 'open'
            const heard = receiver.receive(forged)
            if (heard.status === 'refused') refused += 1
            if (heard.status !== 'data') continue
            givenOut += 1
            // The one way to hear something: the other end's own frame, as it was, later than all before it.
            expect(wasOpen && forged === original && kind !== 'reflect').toBe(true)
            expect(at).toBeGreaterThan(line.givenOut)
            expect(heard.plaintext).toEqual(word(at))
            line.givenOut = at
          }
        }
      }),
      { numRuns: INTERLEAVINGS },
    )
    expect(Math.min(givenOut, refused)).toBeGreaterThan(INTERLEAVINGS / 10)
  })
})

/** What the relay delivers instead of `original`. */
function forge(
  kind: Exclude<Move['kind'], 'send' | 'tick'>,
  original: Uint8Array,
  bit: number,
  stranger: SealedChannel,
): Uint8Array {
  const flipped = (from: number, to: number): Uint8Array => {
    const out = original.slice()
    const at = from * 8 + (bit % ((to - from) * 8))
    out[at >> 3]! ^= 1 << (at & 7)
    return out
  }
  switch (kind) {
    case 'deliver':
    case 'next':
    case 'reflect':
      return original
    case 'other-channel':
      return stranger.seal(word(bit))
    case 'flip-header':
      return flipped(0, FRAME_HEADER_BYTES)
    case 'flip-body':
      return flipped(FRAME_HEADER_BYTES, original.length)
    case 'cut':
      return original.subarray(0, bit % original.length)
    case 'join':
      return Uint8Array.from([...original, ...original])
  }
}

/** Key and counter of every frame in a payload: a REKEY may ride in front. */
function noncesIn(payload: Uint8Array): string[] {
  const first = decodeFrameHeader(payload)!
  const rest = first.type === 0x11 ? payload.subarray(40) : null
  const name = (header: typeof first) => `${header.direction}/${header.epoch}/${header.counter}`
  return rest === null ? [name(first)] : [name(first), name(decodeFrameHeader(rest)!)]
}

describe('the frames of a channel', () => {
  it('round-trip whatever they hold, padded or not, both ways', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.boolean(), (plaintexts, pad) => {
        const { app, runner } = twoEnds(1, pad)
        for (const plaintext of plaintexts) {
          expect(runner.open(app.seal(plaintext))).toEqual(plaintext)
          expect(app.open(runner.seal(plaintext))).toEqual(plaintext)
        }
      }),
    )
  })

  it('tell a lost frame from a replayed one: a gap is counted, an overtaken frame is refused', () => {
    const { app, runner } = twoEnds()
    const [first, second, third] = [1, 2, 3].map((number) => app.seal(word(number)))
    expect(runner.open(first!)).toEqual(word(1))
    expect(runner.open(third!)).toEqual(word(3))
    expect(runner.framesMissing).toBe(1)
    expect(runner.receive(second!)).toEqual({ status: 'refused', refusal: 'replayed' })
    expect(runner.end).toEqual({ status: 'refused', refusal: 'replayed' })
  })

  it('change their key after ten minutes, without a plaintext being lost', () => {
    const { app, runner, time } = twoEnds()
    expect(runner.open(app.seal(word(1)))).toEqual(word(1))
    const before = app.seal(word(2))
    time.nowMs += REKEY_AFTER_MS
    const after = app.seal(word(3))
    expect(after.length).toBe(before.length + 40)
    expect(runner.open(before)).toEqual(word(2))
    expect(runner.open(after)).toEqual(word(3))
    expect(app.seal(word(4)).length).toBe(before.length)
    expect(runner.receive(before)).toEqual({ status: 'refused', refusal: 'foreign' })
  })

  it('change their key after 2^20 frames and after 1 GiB', () => {
    // A cipher that costs nothing: the counting is under test.
    const aead = { seal: () => new Uint8Array(16), open: () => null }
    const half = () =>
      new SealingHalf({ aead, direction: 0, channel: new Uint8Array(8), key: new Uint8Array(32) }, 0)
    const how = { replay: false, pad: false }
    const byFrames = half()
    for (let sealed = 0; sealed < REKEY_AFTER_FRAMES; sealed++) byFrames.seal(word(1), 0, how)
    expect(byFrames.epoch).toBe(0)
    byFrames.seal(word(1), 0, how)
    expect(byFrames.epoch).toBe(1)
    const byBytes = half()
    const chunk = new Uint8Array(2 ** 26)
    for (let sealed = 0; sealed < REKEY_AFTER_BYTES; sealed += chunk.length) byBytes.seal(chunk, 0, how)
    expect(byBytes.epoch).toBe(0)
    byBytes.seal(word(1), 0, how)
    expect(byBytes.epoch).toBe(1)
  })

  it('say when they tell of the past', () => {
    const { app, runner } = twoEnds()
    expect(app.receive(runner.seal(word(1), true))).toMatchObject({ status: 'data', replay: true })
    expect(app.receive(runner.seal(word(1)))).toMatchObject({ status: 'data', replay: false })
  })

  it('hide the length of what is typed', () => {
    const { app } = twoEnds(1, true)
    const lengths = [0, 1, 5, 30].map((count) => app.seal(new Uint8Array(count)).length)
    expect(new Set(lengths).size).toBe(1)
    expect(app.seal(new Uint8Array(31)).length).toBe(lengths[0]! + 32)
  })

  it('end with an authenticated goodbye, after which nothing is opened or sealed', () => {
    const { app, runner } = twoEnds()
    const goodbye = app.close()!
    expect(app.end).toEqual({ status: 'closed-by-us' })
    expect(app.close()).toBeNull()
    expect(() => app.seal(word(1))).toThrow('invariant')
    const changed = goodbye.slice()
    changed[changed.length - 1]! ^= 1
    expect(twoEnds().runner.receive(changed).status).toBe('refused')
    expect(runner.receive(goodbye)).toEqual({ status: 'closed' })
    expect(runner.end).toEqual({ status: 'closed-by-peer' })
    expect(runner.open(goodbye)).toBeNull()
  })

  it('refuse what is too long to be one, unread', () => {
    const { runner } = twoEnds()
    expect(runner.receive(new Uint8Array(70_000))).toEqual({ status: 'refused', refusal: 'malformed' })
  })

  it('follow one REKEY in a payload, no chain of them', () => {
    const half = new SealingHalf(
      {
        aead: noblePrimitives.aead,
        direction: 0,
        channel: new Uint8Array(8).fill(1),
        key: new Uint8Array(32).fill(1),
      },
      0,
    )
    const [first, second] = [half.rekey(0), half.rekey(0)]
    expect(twoEnds().runner.receive(first)).toEqual({ status: 'rekeyed' })
    expect(twoEnds().runner.receive(Uint8Array.from([...first, ...second]))).toMatchObject({
      status: 'refused',
    })
  })

  it('ask for a new handshake after an hour', () => {
    const { app, time } = twoEnds()
    expect(app.needsNewHandshake).toBe(false)
    time.nowMs += NEW_HANDSHAKE_AFTER_MS
    expect(app.needsNewHandshake).toBe(true)
  })
})
