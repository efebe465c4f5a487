import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/**
 * Reading and writing of binary messages. All integers are big-endian, all text is UTF-8. A reader never reads past its
 * end: it throws `MalformedBytes`, which decoders turn into a value, so that a hostile peer costs one refused message.
 */

/** Thrown and caught inside a decoder. */
export class MalformedBytes extends Error {}

const decodeUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encodeUtf8 = new TextEncoder()

export const utf8 = (text: string): Uint8Array => encodeUtf8.encode(text)

/** The text of `bytes`, or null when they are not UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return decodeUtf8.decode(bytes)
  } catch {
    return null
  }
}

/** Reads fields one after the other from `bytes`. */
export class ByteReader {
  #at = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  /** An offset or counter: u64 on the wire, at most 2^53 - 1 here, which is 285 years of output at 1 MB/s. */
  u53(): number {
    const at = this.#take(8)
    const high = this.#view.getUint32(at)
    if (high >= 2 ** 21) throw new MalformedBytes('a number above 2^53 - 1')
    return high * 2 ** 32 + this.#view.getUint32(at + 4)
  }

  bytes(count: number): Uint8Array {
    const from = this.#take(count)
    return this.#bytes.subarray(from, from + count)
  }

  rest(): Uint8Array {
    return this.bytes(this.left)
  }

  #take(count: number): number {
    if (count > this.left) throw new MalformedBytes(`${count} bytes wanted, ${this.left} left`)
    const from = this.#at
    this.#at += count
    return from
  }
}

/** Appends fields to a fixed number of bytes, which the caller counted beforehand. */
export class ByteWriter {
  #at = 0
  readonly bytes: Uint8Array
  readonly #view: DataView

  constructor(byteCount: number) {
    this.bytes = new Uint8Array(byteCount)
    this.#view = new DataView(this.bytes.buffer)
  }

  u8(value: number): this {
    this.#view.setUint8(this.#skip(1), value)
    return this
  }

  u16(value: number): this {
    this.#view.setUint16(this.#skip(2), value)
    return this
  }

  u32(value: number): this {
    this.#view.setUint32(this.#skip(4), value)
    return this
  }

  u53(value: number): this {
    const at = this.#skip(8)
    this.#view.setUint32(at, Math.floor(value / 2 ** 32))
    this.#view.setUint32(at + 4, value % 2 ** 32)
    return this
  }

  put(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#skip(bytes.length))
    return this
  }

  #skip(count: number): number {
    const from = this.#at
    this.#at += count
    return from
  }
}

/** Runs a decoder; null when the bytes are malformed. Any other failure is a bug and goes on up. */
export function decoded<T>(decode: () => T): T | null {
  try {
    return decode()
  } catch (problem) {
    if (problem instanceof MalformedBytes) return null
    throw problem
  }
}

/** All parts one after the other, in a fresh array. */
export function concatenated(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** `lv(a, b, …)` of PROTOCOL rp1 3.2: each item after its length in LEB128, so that no two lists share an encoding. */
export function lv(...items: readonly (Uint8Array | string)[]): Uint8Array {
  const parts = items.map((item) => (typeof item === 'string' ? utf8(item) : item))
  return concatenated(...parts.flatMap((part) => [leb128(part.length), part]))
}

function leb128(value: number): Uint8Array {
  const out: number[] = []
  let rest = value
  do {
    const low = rest & 0x7f
    rest >>>= 7
    out.push(rest > 0 ? low | 0x80 : low)
  } while (rest > 0)
  return Uint8Array.from(out)
}

export const hex = (bytes: Uint8Array): string => bytesToHex(bytes)

/** The bytes of a text of lower-case hexadecimal digits; null when it is none. */
export const fromHex = (text: string): Uint8Array | null =>
  /^(?:[0-9a-f]{2})*$/.test(text) ? hexToBytes(text) : null

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** RFC 4648 section 5, without padding. */
export function base64url(bytes: Uint8Array): string {
  let out = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const group = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    for (let digit = 0; digit < Math.min(left, 3) + 1; digit++)
      out += BASE64URL[(group >> (18 - 6 * digit)) & 63]
  }
  return out
}

/** The bytes of an unpadded base64url text, or null when it is not one (or not in its canonical form). */
export function fromBase64url(text: string): Uint8Array | null {
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const symbol of text) {
    const value = BASE64URL.indexOf(symbol)
    if (value < 0) return null
    held = ((held << 6) | value) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = (held >> bits) & 0xff
    }
  }
  return base64url(out) === text ? out : null
}
