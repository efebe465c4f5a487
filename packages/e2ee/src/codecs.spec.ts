import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeGrant, decodeGreeting, encodeGrant, encodeGreeting } from './grant.ts'
import { cleanLabel, LABEL_BYTES_MAX } from './label.ts'
import {
  AbortReason,
  appData,
  decodeMessage,
  encodeMessage,
  type HandshakeMessage,
  PID_BYTES,
  readAppData,
  readRunnerData,
  runnerData,
} from './messages.ts'
import { padded, unpadded } from './padding.ts'
import { PID, runnerKey, runnerSign } from './two-ends.fixture.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const label = fc.string({ unit: 'grapheme', maxLength: 80 }).map(cleanLabel)

const anyMessage: fc.Arbitrary<HandshakeMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('hello' as const),
    nonce: bytes(16),
    suites: fc.uint8Array({ maxLength: 16 }),
    from: fc.oneof(
      fc.record({ method: fc.constantFrom('pin' as const, 'qr' as const), label }),
      fc.record({ method: fc.constant('resume' as const), appId: bytes(16) }),
    ),
  }),
  fc.record({
    kind: fc.constant('challenge' as const),
    nonce: bytes(16),
    suite: fc.nat(255),
    pinDigits: fc.nat(255),
    ttlS: fc.nat(65535),
    label,
  }),
  fc.record({
    kind: fc.constant('cpaceA' as const),
    share: bytes(32),
    data: fc.uint8Array({ maxLength: 133 }),
  }),
  fc.record({
    kind: fc.constant('cpaceB' as const),
    share: bytes(32),
    data: fc.uint8Array({ maxLength: 133 }),
    tag: bytes(64),
  }),
  fc.record({
    kind: fc.constantFrom('noise1' as const, 'noise2' as const),
    body: fc.uint8Array({ maxLength: 200 }),
  }),
  fc.record({ kind: fc.constant('abort' as const), reason: fc.constantFrom(...Object.values(AbortReason)) }),
)

describe('the messages of an attempt', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyMessage, bytes(PID_BYTES), (message, pid) => {
        expect(decodeMessage(pid, encodeMessage(pid, message))).toEqual({ ok: true, message })
      }),
      { numRuns: 2000 },
    )
  })

  it('have one encoding: what can be read is what would be written', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.nat(255), (message, where, value) => {
        const changed = encodeMessage(PID, message)
        changed[where % changed.length] = value
        const read = decodeMessage(PID, changed)
        expect(read.ok ? encodeMessage(PID, read.message) : changed).toEqual(changed)
      }),
      { numRuns: 5000 },
    )
  })

  it('are refused as a value when they are random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (random) => {
        expect(decodeMessage(PID, random).ok).toBe(false)
      }),
    )
  })

  it('authenticate keys only with the label that was announced, and only whole ones', () => {
    const [a, b] = [runnerKey.publicKey, runnerSign.publicKey]
    expect(readAppData(appData(a, 'phone'), 'phone')).toEqual({ reach: a })
    expect(readAppData(appData(a, 'phone'), 'tablet')).toBeNull()
    expect(readAppData(runnerData(a, b, 'phone'), 'phone')).toBeNull()
    expect(readAppData(appData(a.subarray(1), 'phone'), 'phone')).toBeNull()
    expect(readRunnerData(runnerData(a, b, 'host'), 'host')).toEqual({ reach: a, sign: b })
    expect(readRunnerData(appData(a, 'host'), 'host')).toBeNull()
    expect(readRunnerData(Uint8Array.from([...runnerData(a, b, 'host'), 0]), 'host')).toBeNull()
  })
})

describe('a grant', () => {
  it('is read as it was written, and not with a permission that nobody knows', () => {
    fc.assert(
      fc.property(
        fc.record({
          appId: bytes(16),
          resumeKey: bytes(32),
          permissions: fc.record({
            view: fc.boolean(),
            input: fc.boolean(),
            admin: fc.boolean(),
            approve: fc.boolean(),
            send: fc.boolean(),
          }),
          expiresAtMs: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
          revocationRev: fc.nat(2 ** 32 - 1),
        }),
        (grant) => {
          const encoded = encodeGrant(grant)
          expect(decodeGrant(encoded)).toEqual(grant)
          encoded[48]! |= 32
          expect(decodeGrant(encoded)).toBeNull()
          expect(decodeGrant(encoded.subarray(1))).toBeNull()
        },
      ),
    )
  })

  it('is asked for with a greeting that is read as it was written', () => {
    const greeting = { atMs: 1_800_000_000_000, capabilities: 7 }
    expect(decodeGreeting(encodeGreeting(greeting))).toEqual(greeting)
    expect(decodeGreeting(new Uint8Array(11))).toBeNull()
    expect(decodeGreeting(new Uint8Array(10).fill(0xff))).toBeNull()
  })
})

describe('a label', () => {
  it('fits, is one line, and has nothing that moves or hides what stands beside it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (anything) => {
        const cleaned = cleanLabel(anything)
        expect(Buffer.from(cleaned).length).toBeLessThanOrEqual(LABEL_BYTES_MAX)
        expect(cleaned).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(cleanLabel(cleaned)).toBe(cleaned)
      }),
    )
  })

  it('is cut between characters', () => {
    expect(cleanLabel('é'.repeat(40))).toBe('é'.repeat(32))
    expect(cleanLabel('a' + '🦊'.repeat(20))).toBe('a' + '🦊'.repeat(15))
  })
})

describe('padding', () => {
  it('is taken off as it was put on, and refused in any other form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (plaintext) => {
        const whole = padded(plaintext)!
        expect(whole.length % 32).toBe(0)
        expect(unpadded(whole)).toEqual(plaintext)
        expect(unpadded(Uint8Array.from([...whole, ...new Uint8Array(32)]))).toBeNull()
        expect(unpadded(whole.subarray(1))).toBeNull()
      }),
    )
    expect(padded(new Uint8Array(0x10000))).toBeNull()
    expect(unpadded(new Uint8Array(32).fill(0xff))).toBeNull()
    expect(unpadded(new Uint8Array(0))).toBeNull()
  })
})
