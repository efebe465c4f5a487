import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { twoEnds, word } from './channel.fixture.ts'
import { NEW_HANDSHAKE_AFTER_MS } from './channel.ts'
import { noblePrimitives } from './primitives.ts'
import { REKEY_AFTER_BYTES, REKEY_AFTER_FRAMES, REKEY_AFTER_MS, SealingHalf } from './sealing.ts'

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
