import { describe, expect, it } from 'vitest'
import vectors from '../fixtures/cpace-ristretto255.json' with { type: 'json' }
import {
  cpaceConfirmation,
  cpaceGenerator,
  cpacePoint,
  cpaceScalar,
  cpaceSessionKey,
  cpaceShare,
} from './cpace.ts'

const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'))
const { run, points } = vectors
const context = { secret: bytes(run.PRS), channel: bytes(run.CI), session: bytes(run.sid) }

describe("the draft's test vectors for ristretto255 with SHA-512", () => {
  it('yield the same generator', () => {
    expect(cpaceGenerator(context)).toEqual(bytes(run.g))
  })

  it('yield the same shares and, from either end, the same point', () => {
    expect(cpaceShare(bytes(run.ya), bytes(run.g))).toEqual(bytes(run.Ya))
    expect(cpaceShare(bytes(run.yb), bytes(run.g))).toEqual(bytes(run.Yb))
    expect(cpacePoint(bytes(run.ya), bytes(run.Yb))).toEqual(bytes(run.K))
    expect(cpacePoint(bytes(run.yb), bytes(run.Ya))).toEqual(bytes(run.K))
  })

  it('yield the same session key, initiator first', () => {
    const initiator = { share: bytes(run.Ya), data: bytes(run.ADa) }
    const responder = { share: bytes(run.Yb), data: bytes(run.ADb) }
    expect(cpaceSessionKey(context.session, bytes(run.K), initiator, responder)).toEqual(bytes(run.ISK_IR))
  })

  it('multiply a valid point, and refuse the neutral one and what is none', () => {
    expect(cpacePoint(bytes(points.s), bytes(points.X))).toEqual(bytes(points.scalarMultVfy))
    for (const invalid of points.invalid) expect(cpacePoint(bytes(points.s), bytes(invalid))).toBeNull()
    expect(cpacePoint(bytes(points.s), new Uint8Array(31))).toBeNull()
  })
})

describe('CPace', () => {
  it('clears what would lift a scalar above the order of the group, and changes nothing else', () => {
    const scalar = cpaceScalar(new Uint8Array(32).fill(0xff))
    expect(scalar[31]).toBe(0x0f)
    expect([...scalar.subarray(0, 31)].every((byte) => byte === 0xff)).toBe(true)
  })

  it('confirms nothing with another session key', () => {
    const message = { share: bytes(run.Ya), data: bytes(run.ADa) }
    const tag = cpaceConfirmation(context.session, new Uint8Array(64), message)
    expect(cpaceConfirmation(context.session, new Uint8Array(64).fill(1), message)).not.toEqual(tag)
    expect(tag).toHaveLength(64)
  })
})
