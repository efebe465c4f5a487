import { describe, expect, it } from 'vitest'
import fixture from '../fixtures/noise-vectors.json' with { type: 'json' }
import { IK_PSK1, NoiseHandshake, type NoisePattern } from './noise.ts'
import { noiseNonce } from './noise-symmetric.ts'
import { type AgreementKey, noblePrimitives } from './primitives.ts'

const unhex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const keyOf = (hex: string): Promise<AgreementKey> => noblePrimitives.agreementKey(unhex(hex))

const patterns: Record<string, NoisePattern> = {
  NK: {
    name: 'NK',
    messages: [
      ['e', 'es'],
      ['e', 'ee'],
    ],
  },
  IK: {
    name: 'IK',
    messages: [
      ['e', 'es', 's', 'ss'],
      ['e', 'ee', 'se'],
    ],
  },
  IKpsk1: IK_PSK1,
}

type Vector = (typeof fixture.vectors)[number]

async function endsOf(vector: Vector) {
  const responderKey = await keyOf(vector.responderStatic)
  const common = {
    aead: noblePrimitives.aead,
    pattern: patterns[vector.pattern]!,
    prologue: unhex(vector.prologue),
    psk: vector.psk === null ? null : unhex(vector.psk),
    responderStatic: responderKey.publicKey,
  }
  const initiator = new NoiseHandshake({
    ...common,
    role: 'initiator',
    staticKey: vector.initiatorStatic === null ? null : await keyOf(vector.initiatorStatic),
    ephemeralKey: await keyOf(vector.initiatorEphemeral),
  })
  const responder = new NoiseHandshake({
    ...common,
    role: 'responder',
    staticKey: responderKey,
    ephemeralKey: await keyOf(vector.responderEphemeral),
  })
  return { initiator, responder }
}

describe('the Noise test vectors of others', () => {
  it.each(fixture.vectors.map((vector) => [vector.pattern, vector] as const))(
    'of pattern %s: the same handshake, hash and transport messages, from either end',
    async (_name, vector) => {
      const { initiator, responder } = await endsOf(vector)
      const [first, second, ...transport] = vector.messages
      expect(await initiator.write(unhex(first!.payload))).toEqual(unhex(first!.ciphertext))
      expect(await responder.read(unhex(first!.ciphertext))).toEqual(unhex(first!.payload))
      expect(await responder.write(unhex(second!.payload))).toEqual(unhex(second!.ciphertext))
      expect(await initiator.read(unhex(second!.ciphertext))).toEqual(unhex(second!.payload))
      const keys = initiator.finish()
      expect(responder.finish()).toEqual(keys)
      // Some of the vectors' authors give no hash.
      const hash = vector.handshakeHash === null ? keys.handshakeHash : unhex(vector.handshakeHash)
      expect(keys.handshakeHash).toEqual(hash)
      transport.forEach(({ payload, ciphertext }, at) => {
        const key = at % 2 === 0 ? keys.fromInitiator : keys.fromResponder
        const nonce = noiseNonce(Math.floor(at / 2))
        expect(noblePrimitives.aead.seal(key, nonce, new Uint8Array(0), unhex(payload))).toEqual(
          unhex(ciphertext),
        )
      })
    },
  )
})

describe('a Noise handshake', () => {
  const vector = fixture.vectors.find(({ pattern }) => pattern === 'IKpsk1')!

  it('refuses a first message with any bit changed', async () => {
    const message = unhex(vector.messages[0]!.ciphertext)
    for (let bit = 0; bit < message.length * 8; bit += 13) {
      const changed = message.slice()
      changed[bit >> 3]! ^= 1 << (bit & 7)
      const { responder } = await endsOf(vector)
      expect(await responder.read(changed)).toBeNull()
    }
  })

  it('refuses a first message cut anywhere', async () => {
    const message = unhex(vector.messages[0]!.ciphertext)
    for (let length = 0; length < message.length; length += 7) {
      const { responder } = await endsOf(vector)
      expect(await responder.read(message.subarray(0, length))).toBeNull()
    }
  })

  it('refuses an ephemeral key of low order, with which everybody would know the secret', async () => {
    const { responder } = await endsOf(vector)
    const message = unhex(vector.messages[0]!.ciphertext)
    message.fill(0, 0, 32)
    expect(await responder.read(message)).toBeNull()
  })
})
