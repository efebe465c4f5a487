import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { API_KEY_FORM, API_KEY_PREFIX } from '@latchkey/protocol/api-keys'
import { macFor } from '../secrets/purpose-key.ts'

const SECRET_BYTES = 32
/** as many symbols of base 62 as 32 bytes need */
const SECRET_SYMBOLS = 43
/** as many as 32 bits need */
const SUM_SYMBOLS = 6
const ID_DIGITS = 16
const SYMBOLS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** What the store knows of a key's secret. */
export interface KeyTraces {
  readonly id: string
  readonly digest: string
}

/** Makes the secrets of API keys, and finds them again by a keyed digest: who can write to the database cannot make a key. */
export class KeySecrets {
  readonly #macOf: (message: string) => Buffer

  constructor(signingKey: Buffer) {
    this.#macOf = macFor(signingKey, 'api-key')
  }

  make(): string {
    const body = `${API_KEY_PREFIX}${inBase62(BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`), SECRET_SYMBOLS)}`
    return body + sumOf(body)
  }

  /** Of a key with the right form and checksum; null otherwise. */
  tracesOf(key: string): KeyTraces | null {
    const body = key.slice(0, -SUM_SYMBOLS)
    if (!API_KEY_FORM.test(key) || key.slice(-SUM_SYMBOLS) !== sumOf(body)) return null
    const digest = this.#macOf(key).toString('hex')
    return { id: `key_${digest.slice(0, ID_DIGITS)}`, digest }
  }
}

/** As scanners for secrets check it: CRC-32 of everything before. */
const sumOf = (body: string): string => inBase62(BigInt(crc32(body)), SUM_SYMBOLS)

function inBase62(value: bigint, symbols: number): string {
  let text = ''
  for (let rest = value; rest > 0n; rest /= 62n) text = `${SYMBOLS[Number(rest % 62n)]}${text}`
  return text.padStart(symbols, '0')
}
