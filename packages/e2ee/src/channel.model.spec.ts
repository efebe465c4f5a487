import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idlePlatform, twoEnds, word } from './channel.fixture.ts'
import type { SealedChannel } from './channel.ts'
import { decodeFrameHeader, FRAME_HEADER_BYTES } from './frame-header.ts'
import { noblePrimitives } from './primitives.ts'
import { REKEY_AFTER_MS } from './sealing.ts'

/** `LATCHKEY_INTERLEAVINGS=100000` is the figure in docs. */
const INTERLEAVINGS = Number(process.env['LATCHKEY_INTERLEAVINGS'] ?? 8_000)
/** Of a platform that sets its ciphers up ahead, whose ciphers are not made for so many. */
const INTERLEAVINGS_AHEAD = 10_000

/** What the ends and the relay may do next. `pick` chooses among the frames sent so far, `bit` a place in one. */
const move = fc.record({
  kind: fc.constantFrom(
    'send',
    'send',
    'tick',
    'idle',
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

/** One direction as the relay sees it: all sealed frames, and the place of the one that was given out last. */
interface Line {
  readonly sealed: Uint8Array[]
  givenOut: number
}

describe('a sealed channel', () => {
  it.each([
    { runs: INTERLEAVINGS, platform: plainPlatform, on: '' },
    { runs: INTERLEAVINGS_AHEAD, platform: idlePlatform, on: ', with ciphers set up ahead' },
  ])(
    'gives out each frame at most once, in order, unchanged, in $runs interleavings$on',
    ({ runs, platform }) => {
      let givenOut = 0
      let refused = 0
      fc.assert(
        fc.property(fc.array(move, { maxLength: 24, size: 'max' }), fc.boolean(), (moves, pad) => {
          const { aead, idle } = platform()
          const ends = twoEnds(1, pad, aead)
          const stranger = twoEnds(2, pad, aead)
          const lines = {
            app: { sealed: [], givenOut: -1 } as Line,
            runner: { sealed: [], givenOut: -1 } as Line,
          }
          const nonces: string[] = []
          const wronglyHeard: { readonly kind: Move['kind']; readonly at: number }[] = []
          for (const { kind, from, pick, bit } of moves) {
            const line = lines[from]
            const sender = ends[from]
            if (kind === 'tick') ends.time.nowMs += REKEY_AFTER_MS
            else if (kind === 'idle') idle()
            else if (kind === 'send') {
              if (sender.end.status !== 'open') continue
              const payload = sender.seal(word(line.sealed.length))
              nonces.push(...noncesIn(payload))
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
              const isDue = wasOpen && forged === original && kind !== 'reflect' && at > line.givenOut
              if (!isDue || Buffer.compare(heard.plaintext, word(at)) !== 0) wronglyHeard.push({ kind, at })
              line.givenOut = at
            }
          }
          expect(wronglyHeard).toEqual([])
          expect(new Set(nonces).size, 'no nonce is used twice').toBe(nonces.length)
        }),
        { numRuns: runs },
      )
      expect(Math.min(givenOut, refused)).toBeGreaterThan(runs / 10)
    },
  )
})

const plainPlatform = () => ({ aead: noblePrimitives.aead, idle: () => {} })

/** What the relay delivers instead of `original`. */
function forge(
  kind: Exclude<Move['kind'], 'send' | 'tick' | 'idle'>,
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
