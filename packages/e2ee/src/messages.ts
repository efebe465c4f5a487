import { assertNever } from '@latchkey/domain/kernel'
import {
  ByteReader,
  ByteWriter,
  concatenated,
  decoded,
  lv,
  MalformedBytes,
  textOf,
} from '@latchkey/protocol/bytes'
import { CONFIRMATION_BYTES, SHARE_BYTES } from './cpace.ts'
import { SUITE } from './derivations.ts'
import { LABEL_BYTES_MAX } from './label.ts'
import { KEY_BYTES } from './primitives.ts'

/** The seven messages before a channel opens (PROTOCOL rp1 3.3), byte by byte. */

const VERSION = 1
export const PID_BYTES = 16
export const APP_ID_BYTES = 16
export const PAIRING_NONCE_BYTES = 16
/** names a share link among those of its machine; no secret */
export const SHARE_ID_BYTES = 8
const HEADER_BYTES = 4 + PID_BYTES
const SUITES_BYTES_MAX = 16
/** No honest message comes near. Longer ones are not read. */
export const HANDSHAKE_MESSAGE_BYTES_MAX = 512

const Kind = { hello: 1, challenge: 2, cpaceA: 3, cpaceB: 4, noise1: 5, noise2: 6, abort: 7 } as const
const Method = { pin: 1, qr: 2, resume: 3, share: 4, fleet: 5 } as const

/** Why a handshake ended, as told to the other end. Unauthenticated: it only ever ends a handshake. */
export const AbortReason = {
  /** another attempt is open */
  busy: 1,
  windowClosed: 2,
  /** the PIN, the code or the one-time secret is no longer good */
  expired: 3,
  pinMismatch: 4,
  /** pairing is locked on the runner */
  locked: 5,
  /** no common version or suite */
  version: 6,
  /** the app is not, or no longer, known */
  revoked: 7,
  /** a message could not be read, was not authentic, or was not expected now */
  malformed: 8,
} as const
export type AbortReason = (typeof AbortReason)[keyof typeof AbortReason]

const REASONS: ReadonlySet<number> = new Set(Object.values(AbortReason))
const isReason = (value: number): value is AbortReason => REASONS.has(value)

/** How the app wants to come in, and who it says it is. */
export type Introduction =
  | { readonly method: 'pin' | 'qr' | 'fleet'; readonly label: string }
  | { readonly method: 'resume'; readonly appId: Uint8Array }
  /** by a share link: `shareId ‖ label` */
  | { readonly method: 'share'; readonly shareId: Uint8Array; readonly label: string }

export type HandshakeMessage =
  | {
      readonly kind: 'hello'
      readonly nonce: Uint8Array
      readonly suites: Uint8Array
      readonly from: Introduction
    }
  | {
      readonly kind: 'challenge'
      readonly nonce: Uint8Array
      readonly suite: number
      readonly pinDigits: number
      readonly ttlS: number
      readonly label: string
    }
  | { readonly kind: 'cpaceA'; readonly share: Uint8Array; readonly data: Uint8Array }
  | {
      readonly kind: 'cpaceB'
      readonly share: Uint8Array
      readonly data: Uint8Array
      readonly tag: Uint8Array
    }
  /** body: the tag and Noise's first message after a PIN, Noise's first message alone otherwise */
  | { readonly kind: 'noise1'; readonly body: Uint8Array }
  | { readonly kind: 'noise2'; readonly body: Uint8Array }
  | { readonly kind: 'abort'; readonly reason: AbortReason }

export type Read =
  | { readonly ok: true; readonly message: HandshakeMessage }
  | { readonly ok: false; readonly refusal: 'malformed' | 'version' }

export function encodeMessage(pid: Uint8Array, message: HandshakeMessage): Uint8Array {
  const header = new ByteWriter(HEADER_BYTES).u8(VERSION).u8(Kind[message.kind]).u8(SUITE).u8(0).put(pid)
  return concatenated(header.bytes, bodyOf(message))
}

/** The message in `bytes`, if it belongs to the handshake `pid`. The answer does not share memory with `bytes`. */
export function decodeMessage(pid: Uint8Array, bytes: Uint8Array): Read {
  if (bytes.length > HANDSHAKE_MESSAGE_BYTES_MAX) return { ok: false, refusal: 'malformed' }
  const reader = new ByteReader(Uint8Array.from(bytes))
  const header = decoded(() => ({
    version: reader.u8(),
    kind: reader.u8(),
    suite: reader.u8(),
    reserved: reader.u8(),
    pid: reader.bytes(PID_BYTES),
  }))
  if (header === null) return { ok: false, refusal: 'malformed' }
  if (header.version !== VERSION || header.suite !== SUITE) return { ok: false, refusal: 'version' }
  if (header.reserved !== 0 || header.pid.some((byte, at) => byte !== pid[at]))
    return { ok: false, refusal: 'malformed' }
  const message = decoded(() => readBody(header.kind, reader))
  return message === null ? { ok: false, refusal: 'malformed' } : { ok: true, message }
}

function bodyOf(message: HandshakeMessage): Uint8Array {
  switch (message.kind) {
    case 'hello': {
      const { from } = message
      return concatenated(
        message.nonce,
        Uint8Array.of(Method[from.method]),
        lv(message.suites),
        introductionOf(from),
      )
    }
    case 'challenge': {
      const { nonce, suite, pinDigits, ttlS } = message
      const fixed = new ByteWriter(PAIRING_NONCE_BYTES + 4).put(nonce).u8(suite).u8(pinDigits).u16(ttlS)
      return concatenated(fixed.bytes, lv(message.label))
    }
    case 'cpaceA':
      return concatenated(message.share, lv(message.data))
    case 'cpaceB':
      return concatenated(message.share, lv(message.data), message.tag)
    case 'noise1':
    case 'noise2':
      return message.body
    case 'abort':
      return Uint8Array.of(message.reason)
    default:
      return assertNever(message)
  }
}

function introductionOf(from: Introduction): Uint8Array {
  switch (from.method) {
    case 'pin':
    case 'qr':
    case 'fleet':
      return lv(from.label)
    case 'resume':
      return lv(from.appId)
    case 'share':
      return lv(from.shareId, from.label)
    default:
      return assertNever(from)
  }
}

function readBody(kind: number, reader: ByteReader): HandshakeMessage | null {
  const message = readFields(kind, reader)
  return reader.left === 0 ? message : null
}

function readFields(kind: number, reader: ByteReader): HandshakeMessage | null {
  switch (kind) {
    case Kind.hello: {
      const nonce = reader.bytes(PAIRING_NONCE_BYTES)
      const method = reader.u8()
      const suites = readItem(reader, SUITES_BYTES_MAX)
      const from = readIntroduction(method, reader)
      return from && { kind: 'hello', nonce, suites, from }
    }
    case Kind.challenge:
      return {
        kind: 'challenge',
        nonce: reader.bytes(PAIRING_NONCE_BYTES),
        suite: reader.u8(),
        pinDigits: reader.u8(),
        ttlS: reader.u16(),
        label: readLabel(reader),
      }
    case Kind.cpaceA:
      return { kind: 'cpaceA', share: reader.bytes(SHARE_BYTES), data: readItem(reader, DATA_BYTES_MAX) }
    case Kind.cpaceB:
      return {
        kind: 'cpaceB',
        share: reader.bytes(SHARE_BYTES),
        data: readItem(reader, DATA_BYTES_MAX),
        tag: reader.bytes(CONFIRMATION_BYTES),
      }
    case Kind.noise1:
      return { kind: 'noise1', body: reader.rest() }
    case Kind.noise2:
      return { kind: 'noise2', body: reader.rest() }
    case Kind.abort: {
      const reason = reader.u8()
      return isReason(reason) ? { kind: 'abort', reason } : null
    }
    default:
      return null
  }
}

function readIntroduction(method: number, reader: ByteReader): Introduction | null {
  switch (method) {
    case Method.pin:
      return { method: 'pin', label: readLabel(reader) }
    case Method.qr:
      return { method: 'qr', label: readLabel(reader) }
    case Method.fleet:
      return { method: 'fleet', label: readLabel(reader) }
    case Method.resume: {
      const appId = readItem(reader, APP_ID_BYTES)
      return appId.length === APP_ID_BYTES ? { method: 'resume', appId } : null
    }
    case Method.share: {
      const shareId = readItem(reader, SHARE_ID_BYTES)
      const label = readLabel(reader)
      return shareId.length === SHARE_ID_BYTES ? { method: 'share', shareId, label } : null
    }
    default:
      return null
  }
}

/** The keys that CPace authenticates: `ADa = lv("A", Sa, label)`, `ADb = lv("B", Sr, Er, label)`. */
export const appData = (reach: Uint8Array, label: string): Uint8Array => lv('A', reach, label)
export const runnerData = (reach: Uint8Array, sign: Uint8Array, label: string): Uint8Array =>
  lv('B', reach, sign, label)
const DATA_BYTES_MAX = 2 + 2 * (1 + KEY_BYTES) + 1 + LABEL_BYTES_MAX

/** The app's key in ADa; null when it is not one, or names another label than HELLO did. */
export const readAppData = (data: Uint8Array, label: string): { readonly reach: Uint8Array } | null =>
  decoded(() => {
    const reader = new ByteReader(data)
    const whole = readItem(reader, 1)[0] === 0x41 && { reach: readKey(reader) }
    return whole && readLabel(reader) === label && reader.left === 0 ? whole : null
  })

/** The runner's keys in ADb; null when they are not, or it names another label than CHALLENGE did. */
export const readRunnerData = (
  data: Uint8Array,
  label: string,
): { readonly reach: Uint8Array; readonly sign: Uint8Array } | null =>
  decoded(() => {
    const reader = new ByteReader(data)
    const whole = readItem(reader, 1)[0] === 0x42 && { reach: readKey(reader), sign: readKey(reader) }
    return whole && readLabel(reader) === label && reader.left === 0 ? whole : null
  })

/** One item of an `lv` list. Lengths here fit one LEB128 byte; a longer form of the same length is refused. */
function readItem(reader: ByteReader, byteCountMax: number): Uint8Array {
  const byteCount = readLength(reader)
  if (byteCount > byteCountMax) throw new MalformedBytes(`an item of ${byteCount} bytes`)
  return reader.bytes(byteCount)
}

function readLength(reader: ByteReader): number {
  const low = reader.u8()
  if (low < 0x80) return low
  const high = reader.u8()
  if (high === 0 || high >= 0x80)
    throw new MalformedBytes('a length that is not in its shortest form, or too long')
  return (high << 7) | (low & 0x7f)
}

function readKey(reader: ByteReader): Uint8Array {
  const key = readItem(reader, KEY_BYTES)
  if (key.length !== KEY_BYTES) throw new MalformedBytes('a key that is not 32 bytes')
  return key
}

function readLabel(reader: ByteReader): string {
  const text = textOf(readItem(reader, LABEL_BYTES_MAX))
  if (text === null) throw new MalformedBytes('a label that is not UTF-8')
  return text
}
