import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

const KEY_BYTES = 32
const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES

/** Credentials were sealed with a key that this broker does not have. Nothing is overwritten then. */
export class SealKeyMissing extends Error {
  constructor() {
    super('WhatsApp credentials in the store are sealed with a key that is not among LATCHKEY_WHATSAPP_KEYS')
    this.name = 'SealKeyMissing'
  }
}

interface SealKey {
  readonly id: Buffer
  readonly key: Buffer
}

/**
 * Seals rows of credentials, AES-256-GCM: `key id (4) ‖ nonce (12) ‖ tag (16) ‖ sealed text`, with the row's own place as
 * associated data, so that a row moved to another session or name does not open.
 */
export class CredentialSeal {
  readonly #keys: readonly SealKey[]
  readonly #current: SealKey

  /** @param keys base64url, 32 bytes each: the first seals, all open, so that a key can be replaced */
  constructor(keys: readonly string[]) {
    this.#keys = keys.map((text) => {
      const key = Buffer.from(text, 'base64url')
      if (key.length !== KEY_BYTES)
        throw new Error(`a key for WhatsApp credentials has ${KEY_BYTES} bytes in base64url`)
      return { id: createHash('sha256').update(key).digest().subarray(0, KEY_ID_BYTES), key }
    })
    const [current] = this.#keys
    if (current === undefined) throw new Error('there is no key for WhatsApp credentials')
    this.#current = current
  }

  seal(place: readonly string[], text: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#current.key, nonce).setAAD(placeBytes(place))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([this.#current.id, nonce, cipher.getAuthTag(), sealed])
  }

  /** Throws SealKeyMissing, or an error when the row was changed or moved. */
  open(place: readonly string[], sealed: Uint8Array): string {
    const bytes = Buffer.from(sealed)
    const found = this.#keys.find(({ id }) => id.equals(bytes.subarray(0, KEY_ID_BYTES)))
    if (found === undefined) throw new SealKeyMissing()
    const nonce = bytes.subarray(KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES)
    const cipher = createDecipheriv('aes-256-gcm', found.key, nonce).setAAD(placeBytes(place))
    cipher.setAuthTag(bytes.subarray(KEY_ID_BYTES + NONCE_BYTES, HEADER_BYTES))
    return Buffer.concat([cipher.update(bytes.subarray(HEADER_BYTES)), cipher.final()]).toString('utf8')
  }

  /** Whether a row is sealed with the key that is in use now. */
  isCurrent(sealed: Uint8Array): boolean {
    return this.#current.id.equals(sealed.subarray(0, KEY_ID_BYTES))
  }
}

/** Each part after its length, so that no two places read the same. */
const placeBytes = (place: readonly string[]): Buffer => Buffer.from(JSON.stringify(place))
