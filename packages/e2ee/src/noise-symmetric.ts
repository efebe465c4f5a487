import { concatenated, utf8 } from '@latchkey/protocol/bytes'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { type Aead, KEY_BYTES, NONCE_BYTES } from './primitives.ts'
import { wipe } from './secret-bytes.ts'

/** Chapter 5.2: the chaining key, the running hash, and the cipher they key. */
export class SymmetricState {
  readonly #aead: Aead
  #chainingKey: Uint8Array
  #hash: Uint8Array
  #key: Uint8Array | null = null
  #nonce = 0

  constructor(aead: Aead, protocolName: string) {
    this.#aead = aead
    const name = utf8(protocolName)
    this.#hash = name.length <= 32 ? concatenated(name, new Uint8Array(32 - name.length)) : sha256(name)
    this.#chainingKey = Uint8Array.from(this.#hash)
  }

  get hash(): Uint8Array {
    return this.#hash
  }

  get hasKey(): boolean {
    return this.#key !== null
  }

  mixHash(data: Uint8Array): void {
    this.#hash = sha256(concatenated(this.#hash, data))
  }

  mixKey(input: Uint8Array): void {
    const [chainingKey, key] = this.#derived(input, 2)
    this.#replaceKeys(chainingKey!, key!)
  }

  mixKeyAndHash(input: Uint8Array): void {
    const [chainingKey, hashed, key] = this.#derived(input, 3)
    this.mixHash(hashed!)
    this.#replaceKeys(chainingKey!, key!)
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const sealed =
      this.#key === null
        ? plaintext
        : this.#aead.seal(this.#key, noiseNonce(this.#nonce++), this.#hash, plaintext)
    this.mixHash(sealed)
    return sealed
  }

  decryptAndHash(sealed: Uint8Array): Uint8Array | null {
    const plaintext =
      this.#key === null ? sealed : this.#aead.open(this.#key, noiseNonce(this.#nonce++), this.#hash, sealed)
    if (plaintext !== null) this.mixHash(sealed)
    return plaintext
  }

  split(): readonly [Uint8Array, Uint8Array] {
    const [first, second] = this.#derived(new Uint8Array(0), 2)
    return [first!, second!]
  }

  forget(): void {
    wipe(this.#chainingKey, this.#key)
  }

  #replaceKeys(chainingKey: Uint8Array, key: Uint8Array): void {
    wipe(this.#chainingKey, this.#key)
    this.#chainingKey = chainingKey
    this.#key = key
    this.#nonce = 0
  }

  /** Noise's HKDF (4.3) is RFC 5869 with the chaining key as salt and no info. */
  #derived(input: Uint8Array, count: 2 | 3): Uint8Array[] {
    const pseudorandom = extract(sha256, input, this.#chainingKey)
    const output = expand(sha256, pseudorandom, undefined, count * KEY_BYTES)
    const keys = Array.from({ length: count }, (_, at) => output.slice(at * KEY_BYTES, (at + 1) * KEY_BYTES))
    wipe(pseudorandom, output)
    return keys
  }
}

/** 32 zero bits, then the counter, little-endian (12.3). Also the nonce of rp1's frames (3.5). */
export function noiseNonce(counter: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  const view = new DataView(nonce.buffer)
  view.setUint32(4, counter % 2 ** 32, true)
  view.setUint32(8, Math.floor(counter / 2 ** 32), true)
  return nonce
}
