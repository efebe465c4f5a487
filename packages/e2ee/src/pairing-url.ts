import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { looksLikeFingerprint } from '@latchkey/protocol/runner-identity'
import { KEY_BYTES } from './primitives.ts'

/** The fragment of a pairing URL, in a QR code or not (DECISIONS 16). No server sees it. */
export interface PairingUrl {
  /** nine characters, without dashes */
  readonly code: string
  /** the runner's X25519 key and a one-time secret of 16 bytes; null in a pairing URL that only saves typing the code */
  readonly seal: {
    readonly reach: Uint8Array
    readonly oneTimeSecret: Uint8Array
    /** the runner, so that the URL leads there without a code; null for a machine with a free id */
    readonly runnerId: string | null
  } | null
}

export const ONE_TIME_SECRET_BYTES = 16
const VERSION = '1'

/** `1.<code9>`, `1.<code9>.<Sr>.<ots>` or `1.<code9>.<Sr>.<ots>.<runnerId>`, to be put behind a `#`. */
export function pairingFragment({ code, seal }: PairingUrl): string {
  const parts = [VERSION, code.toUpperCase().replaceAll('-', '')]
  if (seal !== null) parts.push(base64url(seal.reach), base64url(seal.oneTimeSecret))
  // Only an id of that form has no sign in it that means something here.
  if (seal?.runnerId != null && looksLikeFingerprint(seal.runnerId)) parts.push(seal.runnerId)
  return parts.join('.')
}

/** Null when it is none. Further parts, which later versions may add, are passed over. */
export function parsePairingFragment(fragment: string): PairingUrl | null {
  const [version, code, reachText, secretText, idText = ''] = fragment.replace(/^#/, '').split('.')
  if (version !== VERSION || code === undefined || !/^[A-Z0-9]{9}$/.test(code)) return null
  if (reachText === undefined && secretText === undefined) return { code, seal: null }
  const reach = fromBase64url(reachText ?? '')
  const oneTimeSecret = fromBase64url(secretText ?? '')
  if (reach?.length !== KEY_BYTES || oneTimeSecret?.length !== ONE_TIME_SECRET_BYTES) return null
  const runnerId = looksLikeFingerprint(idText) ? idText : null
  return { code, seal: { reach, oneTimeSecret, runnerId } }
}
