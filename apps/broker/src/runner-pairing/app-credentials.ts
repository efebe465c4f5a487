import { createHash, randomBytes } from 'node:crypto'
import { invariant } from '@latchkey/domain/kernel'
import { type AppSessionId, parseAppSessionId } from '@latchkey/domain/runner-pairing/records'
import { macFor } from '../secrets/purpose-key.ts'
import { sameSecret } from '../secrets/same-secret.ts'

/** Who an app is by the credential it showed. */
export interface ReadCredential {
  /** the public handle: a hash of the credential, so it cannot be used to come back as this app */
  readonly appSessionId: AppSessionId
  /** what the app is to keep from now on; null while what it has is good for longer */
  readonly renewed: string | null
  /** nothing usable was shown: this session has just been made */
  readonly isNew: boolean
}

const ID_BYTES = 32
const DAY_MS = 24 * 60 * 60 * 1_000
/** As long as a pairing lives unused (domain rules). */
const LIFE_MS = 30 * DAY_MS
const RENEWED_AFTER_MS = DAY_MS
const TOKEN = /^([A-Za-z0-9_-]{43})\.([0-9a-z]{1,11})\.([A-Za-z0-9_-]{43})$/

/**
 * Credentials of app sessions: `id.issued.signature`, the id random, the signature this broker's. The broker keeps none of them:
 * a fresh session costs it nothing.
 */
export class AppCredentials {
  readonly #macOf: (text: string) => Buffer
  readonly #clock: () => number
  readonly #takesForeign: boolean

  constructor(signingKey: Buffer, clock: () => number, takesForeign: boolean) {
    this.#macOf = macFor(signingKey, 'app-credential')
    this.#clock = clock
    this.#takesForeign = takesForeign
  }

  /**
   * Reads the credential of a client. A missing, forged or old one becomes a new session. The same credential names another session
   * when the app signed in as a device: after the device was revoked, its session cannot be reached without it.
   */
  read(token: string | undefined, nodeId: string | null): ReadCredential {
    const kind: Kind = nodeId === null ? 'own' : `node ${nodeId}`
    const own = token === undefined ? null : this.#readOwn(token, kind)
    if (own !== null) return own
    if (nodeId === null && token !== undefined && token !== '' && this.#takesForeign && !TOKEN.test(token)) {
      return { appSessionId: handleOf('foreign', token), renewed: null, isNew: false }
    }
    const id = randomBytes(ID_BYTES).toString('base64url')
    return { appSessionId: handleOf(kind, id), renewed: this.#issue(id), isNew: true }
  }

  #readOwn(token: string, kind: Kind): ReadCredential | null {
    const [, id = '', issued = '', signature = ''] = TOKEN.exec(token) ?? []
    if (id === '') return null
    if (!sameSecret(signature, this.#sign(id, issued))) return null
    const ageMs = this.#clock() - Number.parseInt(issued, 36)
    if (ageMs > LIFE_MS) return null
    const renewed = ageMs > RENEWED_AFTER_MS ? this.#issue(id) : null
    return { appSessionId: handleOf(kind, id), renewed, isNew: false }
  }

  #issue(id: string): string {
    const issued = Math.floor(this.#clock()).toString(36)
    return `${id}.${issued}.${this.#sign(id, issued)}`
  }

  #sign(id: string, issued: string): string {
    return this.#macOf(`${id}.${issued}`).toString('base64url')
  }
}

type Kind = 'own' | 'foreign' | `node ${string}`

function handleOf(kind: Kind, credential: string): AppSessionId {
  const handle = createHash('sha256')
    .update(`latchkey app session\n${kind}\n${credential}`)
    .digest('base64url')
  const parsed = parseAppSessionId(handle)
  invariant(parsed !== null, 'a digest is a good id')
  return parsed
}
