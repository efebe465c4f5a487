import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { SHARE_ID_BYTES } from './messages.ts'
import { KEY_BYTES } from './primitives.ts'

/** The fragment of a share link: all that a guest needs to come to one terminal. No server sees it. */
export interface ShareUrl {
  readonly runnerId: string
  /** the runner's X25519 key */
  readonly reach: Uint8Array
  /** 8 bytes */
  readonly shareId: Uint8Array
  /** 16 bytes: it admits until the link ends */
  readonly secret: Uint8Array
}

export const SHARE_SECRET_BYTES = 16
const VERSION = '1'
/** An id of another form could not be told apart from the rest of the fragment. */
const RUNNER_ID = /^[A-Za-z0-9_-]{1,64}$/

/** `1.<runnerId>.<Sr>.<shareId>.<secret>`, to be put behind a `#`; null for a machine whose id has another form. */
export function shareFragment({ runnerId, reach, shareId, secret }: ShareUrl): string | null {
  if (!RUNNER_ID.test(runnerId)) return null
  return [VERSION, runnerId, base64url(reach), base64url(shareId), base64url(secret)].join('.')
}

/** Null when it is none. Further parts, which later versions may add, are passed over. */
export function parseShareFragment(fragment: string): ShareUrl | null {
  const [version, runnerId = '', ...rest] = fragment.replace(/^#/, '').split('.')
  if (version !== VERSION || !RUNNER_ID.test(runnerId)) return null
  const [reach, shareId, secret] = rest.map((text) => fromBase64url(text))
  if (reach?.length !== KEY_BYTES || shareId?.length !== SHARE_ID_BYTES) return null
  return secret?.length === SHARE_SECRET_BYTES ? { runnerId, reach, shareId, secret } : null
}
