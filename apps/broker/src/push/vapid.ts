import { createECDH } from 'node:crypto'
import { BoundedMap } from '@latchkey/domain/bounded'
import { base64url } from '@latchkey/protocol/bytes'
import { importJWK, SignJWT } from 'jose'
import { purposeKey } from '../secrets/purpose-key.ts'

const CURVE = 'prime256v1'
const COORDINATE_BYTES = 32
/** RFC 8292, 2: at most a day. */
const TOKEN_LIFE_SECONDS = 12 * 60 * 60
/** A token is used for so long; some services count how often one is made. */
const TOKEN_USED_MS = 60 * 60 * 1_000
/** push services in use: three vendors, and a few of one's own */
const SERVICES_MAX = 64

/** Names the sender to push services (RFC 8292). All broker instances have the same key, for as long as they have the same signing key. */
export class Vapid {
  /** for pages: uncompressed point, base64url */
  readonly publicKey: string
  readonly #key: ReturnType<typeof importJWK>
  readonly #subject: string
  readonly #clock: () => number
  /** by the origin of the push service */
  readonly #tokens = new BoundedMap<string, { readonly token: string; readonly madeAtMs: number }>(
    SERVICES_MAX,
  )

  /** @param clock milliseconds since the epoch */
  constructor(options: {
    readonly signingKey: Buffer
    readonly subject: string
    readonly clock: () => number
  }) {
    const { publicKey, privateKey } = keysFrom(options.signingKey)
    this.publicKey = base64url(publicKey)
    const coordinate = (from: number) => base64url(publicKey.subarray(from, from + COORDINATE_BYTES))
    const [x, y] = [coordinate(1), coordinate(1 + COORDINATE_BYTES)]
    this.#key = importJWK({ kty: 'EC', crv: 'P-256', x, y, d: base64url(privateKey) }, 'ES256')
    this.#subject = options.subject
    this.#clock = options.clock
  }

  /** The header `Authorization` for a push service. */
  async authorization({ origin }: URL): Promise<string> {
    const nowMs = this.#clock()
    const kept = this.#tokens.get(origin)
    const token =
      kept !== undefined && nowMs - kept.madeAtMs < TOKEN_USED_MS
        ? kept.token
        : await this.#sign(origin, nowMs)
    if (token !== kept?.token) this.#tokens.renew(origin, { token, madeAtMs: nowMs })
    return `vapid t=${token}, k=${this.publicKey}`
  }

  async #sign(origin: string, nowMs: number): Promise<string> {
    return new SignJWT({ sub: this.#subject })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
      .setAudience(origin)
      .setExpirationTime(Math.floor(nowMs / 1_000) + TOKEN_LIFE_SECONDS)
      .sign(await this.#key)
  }
}

/** The first derived number that is a private key of the curve: one in 2^32 is not. */
function keysFrom(signingKey: Buffer): { readonly publicKey: Buffer; readonly privateKey: Buffer } {
  for (let turn = 0; ; turn++) {
    const privateKey = purposeKey(signingKey, `push ${turn}`)
    const pair = createECDH(CURVE)
    try {
      pair.setPrivateKey(privateKey)
    } catch {
      continue
    }
    return { publicKey: pair.getPublicKey(), privateKey }
  }
}
