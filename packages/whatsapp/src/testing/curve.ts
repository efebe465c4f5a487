/** Raw X25519 on top of node:crypto (no third-party code): keys travel as 32 plain bytes. */
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'

export interface KeyPair {
  readonly public: Buffer
  readonly private: Buffer
}

const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')

export function newKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  return {
    public: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
    private: privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32),
  }
}

export function dh(privateKey: Uint8Array, publicKey: Uint8Array): Buffer {
  return diffieHellman({
    privateKey: createPrivateKey({
      key: Buffer.concat([PKCS8_PREFIX, privateKey]),
      format: 'der',
      type: 'pkcs8',
    }),
    publicKey: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' }),
  })
}
