/**
 * A test certificate authority: root -> intermediate -> leaf (the server's Noise static key).
 * Baileys (>= 7.0.0-rc10) checks root-over-intermediate and intermediate-over-leaf signatures and
 * that the intermediate's issuerSerial is 0; it does not compare the leaf's key with the static
 * key of the handshake and does not look at the dates.
 */
import { Curve, proto } from 'baileys'
import { type KeyPair, newKeyPair } from './curve.ts'

export interface Authority {
  readonly rootPublicKey: Buffer
  readonly staticKey: KeyPair
  readonly chain: Uint8Array
}

export function makeAuthority(root: KeyPair = newKeyPair()): Authority {
  const intermediate = newKeyPair()
  const staticKey = newKeyPair()
  const now = Math.floor(Date.now() / 1000)
  const certify = (details: proto.CertChain.NoiseCertificate.IDetails, signer: KeyPair) => {
    const bytes = proto.CertChain.NoiseCertificate.Details.encode({
      notBefore: now - 60,
      notAfter: now + 86_400,
      ...details,
    }).finish()
    return { details: bytes, signature: Curve.sign(signer.private, bytes) }
  }
  const chain = proto.CertChain.encode({
    intermediate: certify({ serial: 1, issuerSerial: 0, key: intermediate.public }, root),
    leaf: certify({ serial: 2, issuerSerial: 1, key: staticKey.public }, intermediate),
  }).finish()
  return { rootPublicKey: root.public, staticKey, chain }
}
