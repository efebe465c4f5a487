import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { fromBase64url } from '@latchkey/protocol/bytes'
import { runnerFingerprint } from '@latchkey/protocol/runner-identity'
import { z } from 'zod'
import {
  type CastHeader,
  CHAIN_START,
  castHeader,
  chained,
  hashLine,
  signatureIn,
  signedBytes,
} from './cast-lines.ts'

/** What a file says about itself and what its hashes and signatures prove. */
export type Verified =
  /** every line is as the machine wrote it, and the end is there */
  | ({ readonly status: 'whole' } & Proved)
  /** without an end: the runner was killed, or the file was cut. The lines up to `signedUpTo` are as the machine wrote them */
  | ({ readonly status: 'unfinished'; readonly signedUpTo: number } & Proved)
  /** this line, or the comment under it, is not as the machine wrote it */
  | { readonly status: 'changed'; readonly line: number }
  | { readonly status: 'no-recording' }

interface Proved {
  readonly header: CastHeader
  /** of the keys that signed it, as in `latchkey status` */
  readonly runnerId: string
  readonly lines: number
}

/** Longer than any line of a recording: output comes in pieces of at most 64 KiB, and an escaped byte has six characters. */
export const LINE_BYTES_MAX = 4 * 1024 * 1024
const KEY_BYTES = 64
/** DER of an Ed25519 public key, before its 32 bytes (RFC 8410). */
const ED25519_DER = Buffer.from('302a300506032b6570032100', 'hex')
const LINE_END = 10

/** Reads a recording from its start to its end. Throws what `chunks` throws. */
export async function verifyRecording(chunks: AsyncIterable<Uint8Array>): Promise<Verified> {
  const check = new Check()
  let rest: Uint8Array = new Uint8Array(0)
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(LINE_END); end >= 0; end = rest.indexOf(LINE_END)) {
      const wrong = check.line(rest.subarray(0, end))
      if (wrong !== null) return wrong
      rest = rest.subarray(end + 1)
    }
    if (rest.length > LINE_BYTES_MAX) return check.wrongHere
  }
  return check.end(rest.length > 0)
}

class Check {
  #line = 0
  /** the line of the recording whose hash comes next */
  #open: Uint8Array | null = null
  #openAt = 0
  #hash: Uint8Array = CHAIN_START
  #header: CastHeader | null = null
  #keys: { readonly runnerId: string; readonly sign: KeyObject } | null = null
  #signedUpTo = 0
  #ended = false

  get wrongHere(): Verified {
    if (this.#header === null) return { status: 'no-recording' }
    return { status: 'changed', line: this.#open === null ? this.#line + 1 : this.#openAt }
  }

  /** The verdict, if this line decides it. */
  line(bytes: Uint8Array): Verified | null {
    const wrong = this.#ended ? this.wrongHere : this.#take(bytes)
    this.#line += 1
    return wrong
  }

  /** @param isCut the last line has no line end */
  end(isCut: boolean): Verified {
    if (this.#header === null || this.#keys === null) return { status: 'no-recording' }
    // A killed runner may leave a line without its hash, but none that is no event.
    const isStrange = this.#open !== null && this.#line > 1 && !isEvent(this.#open)
    if ((this.#ended && isCut) || isStrange) return this.wrongHere
    const { runnerId } = this.#keys
    const proved = { header: this.#header, runnerId, lines: this.#line }
    return this.#ended
      ? { status: 'whole', ...proved }
      : { status: 'unfinished', signedUpTo: this.#signedUpTo, ...proved }
  }

  #take(bytes: Uint8Array): Verified | null {
    if (this.#open !== null) return this.#closes(this.#open, bytes)
    if (this.#header === null) return this.#begins(bytes)
    if (bytes[0] === COMMENT) return this.#signed(bytes)
    this.#opens(bytes)
    return null
  }

  #opens(bytes: Uint8Array): void {
    // A copy: the chunk's memory may be used again.
    this.#open = Uint8Array.from(bytes)
    this.#openAt = this.#line + 1
  }

  #begins(bytes: Uint8Array): Verified | null {
    this.#header = headerIn(bytes)
    const keys = this.#header === null ? null : fromBase64url(this.#header.latchkey.runnerKeys)
    if (keys?.length !== KEY_BYTES) {
      this.#header = null
      return { status: 'no-recording' }
    }
    const sign = keys.subarray(32)
    this.#keys = {
      runnerId: runnerFingerprint({ reach: keys.subarray(0, 32), sign }),
      sign: createPublicKey({ key: Buffer.concat([ED25519_DER, sign]), format: 'der', type: 'spki' }),
    }
    this.#opens(bytes)
    return null
  }

  #closes(open: Uint8Array, bytes: Uint8Array): Verified | null {
    const hash = chained(this.#hash, open)
    if (Buffer.from(bytes).toString('latin1') !== hashLine(hash)) return this.wrongHere
    this.#hash = hash
    this.#open = null
    return null
  }

  #signed(bytes: Uint8Array): Verified | null {
    const found = signatureIn(bytes)
    const isRight =
      found !== null &&
      this.#keys !== null &&
      verify(null, signedBytes(this.#hash, found.isEnd), this.#keys.sign, found.signature)
    if (!isRight) return this.wrongHere
    this.#signedUpTo = this.#line
    this.#ended = found.isEnd
    return null
  }
}

const COMMENT = '#'.charCodeAt(0)

const eventInLine = z.tuple([z.number(), z.string(), z.string()])

function isEvent(line: Uint8Array): boolean {
  try {
    return eventInLine.safeParse(JSON.parse(Buffer.from(line).toString('utf8'))).success
  } catch {
    return false
  }
}

/** The header in a file's first line; null when it is no recording. */
export function headerIn(line: Uint8Array): CastHeader | null {
  try {
    return castHeader.safeParse(JSON.parse(Buffer.from(line).toString('utf8'))).data ?? null
  } catch {
    return null
  }
}
