import { describe, expect, it } from 'vitest'
import fixture from '../fixtures/rp1-known-answers.json' with { type: 'json' }
import { channelId, code9, routeTicket, routeTicketDigest } from './derivations.ts'
import { pairingFragment, parsePairingFragment } from './pairing-url.ts'
import { drawPin } from './pin-exchange.ts'
import { openRevocationList, signRevocationList } from './revocation-list.ts'
import { otherKey, primitives, runnerId, runnerKey, runnerSign, seededEntropy } from './two-ends.fixture.ts'

describe('a pairing link', () => {
  const seal = { reach: runnerKey.publicKey, oneTimeSecret: new Uint8Array(16).fill(5), runnerId }

  it('is read as it was written, with the secret and without', () => {
    for (const link of [
      { code: 'ABC123XYZ', seal },
      { code: 'ABC123XYZ', seal: { ...seal, runnerId: null } },
      { code: 'ABC123XYZ', seal: null },
    ]) {
      expect(parsePairingFragment(`#${pairingFragment(link)}`)).toEqual(link)
      expect(parsePairingFragment(`${pairingFragment({ ...link, code: 'ABC-123-XYZ' })}`)).toEqual(link)
    }
  })

  it('may have parts of later versions, and lacks nothing of this one', () => {
    const fragment = pairingFragment({ code: 'ABC123XYZ', seal })
    expect(parsePairingFragment(`${fragment}.more`)).toEqual({ code: 'ABC123XYZ', seal })
    const nobodys = { code: 'ABC123XYZ', seal: { ...seal, runnerId: null } }
    expect(pairingFragment({ ...nobodys, seal: { ...seal, runnerId: 'free.text' } })).toBe(
      pairingFragment(nobodys),
    )
    for (const broken of [
      '',
      '2.ABC123XYZ',
      '1.ABC',
      fragment.split('.').slice(0, 4).join('.').slice(0, -1),
      fragment.split('.').slice(0, 3).join('.'),
    ])
      expect(parsePairingFragment(broken)).toBeNull()
  })
})

describe('a PIN', () => {
  it('is any number of six digits, leading zeros included, each as likely', () => {
    const entropy = seededEntropy('pins')
    const first = new Map<string, number>()
    for (let drawn = 0; drawn < 20_000; drawn++) {
      const pin = drawPin(entropy, 6)
      expect(pin).toMatch(/^[0-9]{6}$/)
      first.set(pin[0]!, (first.get(pin[0]!) ?? 0) + 1)
    }
    // 10 classes of 2,000: chi-square with 9 degrees of freedom stays below 27.9 in 999 of 1,000 draws.
    const chiSquare = [...first.values()].reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0)
    expect(chiSquare).toBeLessThan(27.9)
  })

  it('is drawn again where its number would favour the small ones', () => {
    const draws = [Uint8Array.of(0xff, 0xff, 0xff, 0xff), Uint8Array.of(0, 0, 0, 42)]
    expect(drawPin(() => draws.shift()!, 6)).toBe('000042')
  })
})

const list = {
  rev: 7,
  entries: [
    { appId: new Uint8Array(16).fill(1), appKey: otherKey.publicKey, revokedAtMs: 5, reason: 'lost' },
  ],
}
const signed = await signRevocationList(list, { reach: runnerKey.publicKey, sign: runnerSign })

describe('a revocation list', () => {
  it('is taken from its runner alone', async () => {
    expect(await openRevocationList(signed, runnerId, primitives)).toEqual(list)
    expect(await openRevocationList(signed, `${runnerId.slice(1)}a`, primitives)).toBeNull()
    const forger = await primitives.signingKey(new Uint8Array(32).fill(9))
    const forged = await signRevocationList(list, { reach: runnerKey.publicKey, sign: forger })
    expect(await openRevocationList(forged, runnerId, primitives)).toBeNull()
  })

  it('is refused with any byte changed, and cut anywhere', async () => {
    for (let at = 0; at < signed.length; at++) {
      const changed = signed.slice()
      changed[at]! ^= 1
      expect(await openRevocationList(changed, runnerId, primitives)).toBeNull()
      expect(await openRevocationList(signed.subarray(0, at), runnerId, primitives)).toBeNull()
    }
  })
})

describe('derivations', () => {
  it('name a channel by the hash of its handshake', () => {
    const hash = Uint8Array.from(Buffer.from(fixture.expected.handshake_hash, 'hex'))
    expect(Buffer.from(channelId(hash)).toString('hex')).toBe(fixture.expected.chan)
  })

  it('read a code alike at both ends', () => {
    expect(code9('abc-1il-xyo')).toBe('ABC111XY0')
  })

  it('make a route ticket of a secret, for one runner, and a digest that gives neither away', () => {
    const ticket = routeTicket(new Uint8Array(32), runnerId)
    expect(ticket).toHaveLength(32)
    expect(routeTicket(new Uint8Array(32), 'another')).not.toEqual(ticket)
    expect(routeTicket(new Uint8Array(32).fill(1), runnerId)).not.toEqual(ticket)
    expect(routeTicketDigest(ticket)).not.toEqual(ticket)
  })
})
