import { ByteReader, ByteWriter, concatenated, decoded, lv, textOf, utf8 } from '@latchkey/protocol/bytes'
import { runnerFingerprint } from '@latchkey/protocol/runner-identity'
import { cleanLabel } from './label.ts'
import { APP_ID_BYTES } from './messages.ts'
import { KEY_BYTES, type Primitives, type SigningKey } from './primitives.ts'

/**
 * Which apps a runner has turned away (PROTOCOL rp1 3.7). The runner's own list decides; the signed copy lets apps and
 * broker know it, and cannot be forged or shortened: `rev` only grows.
 */
export interface RevocationList {
  /** u32, strictly increasing */
  readonly rev: number
  readonly entries: readonly Revocation[]
}

export interface Revocation {
  readonly appId: Uint8Array
  readonly appKey: Uint8Array
  readonly revokedAtMs: number
  /** for people; cut like a label */
  readonly reason: string
}

/** A runner knows no more apps than that (16 a person, and spare). */
export const REVOCATIONS_MAX = 1024

const ENTRY_BYTES_MIN = APP_ID_BYTES + KEY_BYTES + 8 + 1
const SIGNATURE_BYTES = 64

/**
 * `Sr ‖ Er ‖ rev u32 ‖ count u16 ‖ entries ‖ signature`, an entry being `app_id ‖ Sa ‖ at u64 ‖ length u8 ‖ reason`. The
 * keys travel along, since an app that came by QR code never saw `Er`: the runner's id vouches for them.
 */
export async function signRevocationList(
  list: RevocationList,
  runner: { readonly reach: Uint8Array; readonly sign: SigningKey },
): Promise<Uint8Array> {
  const body = concatenated(
    runner.reach,
    runner.sign.publicKey,
    new ByteWriter(6).u32(list.rev).u16(list.entries.length).bytes,
    ...list.entries.map(encodeEntry),
  )
  return concatenated(body, await runner.sign.sign(signedMessage(body)))
}

/** The list, if it is `runnerId`'s own. Whether it is newer than the one at hand is the caller's to compare. */
export async function openRevocationList(
  bytes: Uint8Array,
  runnerId: string,
  primitives: Pick<Primitives, 'verify'>,
): Promise<RevocationList | null> {
  if (bytes.length < 2 * KEY_BYTES + 6 + SIGNATURE_BYTES) return null
  const body = Uint8Array.from(bytes.subarray(0, -SIGNATURE_BYTES))
  const reach = body.subarray(0, KEY_BYTES)
  const sign = body.subarray(KEY_BYTES, 2 * KEY_BYTES)
  if (runnerFingerprint({ reach, sign }) !== runnerId) return null
  const signature = bytes.subarray(-SIGNATURE_BYTES)
  if (!(await primitives.verify(sign, signedMessage(body), signature))) return null
  return decoded(() => readBody(new ByteReader(body.subarray(2 * KEY_BYTES))))
}

const signedMessage = (body: Uint8Array): Uint8Array => lv('rp1 revoked', body)

function encodeEntry({ appId, appKey, revokedAtMs, reason }: Revocation): Uint8Array {
  const text = utf8(cleanLabel(reason))
  return new ByteWriter(ENTRY_BYTES_MIN + text.length)
    .put(appId)
    .put(appKey)
    .u53(revokedAtMs)
    .u8(text.length)
    .put(text).bytes
}

function readBody(reader: ByteReader): RevocationList | null {
  const rev = reader.u32()
  const count = reader.u16()
  if (count > REVOCATIONS_MAX) return null
  const entries = Array.from({ length: count }, () => ({
    appId: reader.bytes(APP_ID_BYTES),
    appKey: reader.bytes(KEY_BYTES),
    revokedAtMs: reader.u53(),
    reason: textOf(reader.bytes(reader.u8())) ?? '',
  }))
  return reader.left === 0 ? { rev, entries } : null
}
