import { Permission } from '@latchkey/e2ee/grant'
import type { ResumeKeys } from '@latchkey/e2ee/resume-keys'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { z } from 'zod'

/** One app that this machine knows: it comes back with its keys, without a PIN. */
export interface AppRecord {
  /** 16 bytes in hex */
  readonly appId: string
  /** X25519 */
  readonly appKey: Uint8Array
  readonly label: string
  /** bits of `Permission` in `packages/e2ee/src/grant.ts` */
  readonly perms: number
  readonly createdAtMs: number
  readonly lastSeenAtMs: number
  /** the greatest time it has greeted with, by its own clock */
  readonly greetedAtMs: number
  readonly keys: ResumeKeys
  /** held: two apps used its keys, so the keys are refused */
  readonly standing: 'welcome' | 'held'
  /** the device it signed in as last, so that its revocation finds this key; null for one that never was one */
  readonly deviceId: string | null
  /** it came by the word of this machine's owner, and stays for as long as the owner's list names it */
  readonly fleet: boolean
}

export const MAY_VIEW = Permission.view
export const MAY_TYPE = Permission.input
export const MAY_APPROVE = Permission.approve
export const MAY_SEND = Permission.send
/** An older release of this program reads no other bits in `perms`. */
const FIRST_PERMS = 7

const KEY_BYTES = 32
const key = z
  .string()
  .transform((text) => fromBase64url(text))
  .pipe(z.instanceof(Uint8Array).refine((bytes) => bytes.length === KEY_BYTES))
const moment = z.number().int().nonnegative()

const appFile = z.object({
  version: z.literal(1),
  apps: z.array(
    z.object({
      id: z.string().regex(/^[0-9a-f]{32}$/),
      key,
      label: z.string(),
      perms: z.number().int().min(0).max(FIRST_PERMS),
      /** the bits that came later; an older release passes them over */
      morePerms: z.number().int().min(0).max(0xff).default(0),
      createdAt: moment,
      lastSeenAt: moment,
      greetedAt: moment,
      resumeKey: key,
      offeredKey: key.nullable(),
      retiredKeys: z.array(key),
      standing: z.enum(['welcome', 'held']),
      device: z.string().nullable().default(null),
      fleet: z.boolean().default(false),
    }),
  ),
})

export const encodeApps = (apps: Iterable<AppRecord>): string =>
  `${JSON.stringify({
    version: 1,
    apps: [...apps].map((app) => ({
      id: app.appId,
      key: base64url(app.appKey),
      label: app.label,
      perms: app.perms & FIRST_PERMS,
      morePerms: app.perms & ~FIRST_PERMS,
      createdAt: app.createdAtMs,
      lastSeenAt: app.lastSeenAtMs,
      greetedAt: app.greetedAtMs,
      resumeKey: base64url(app.keys.confirmed),
      offeredKey: app.keys.offered && base64url(app.keys.offered),
      retiredKeys: app.keys.retired.map(base64url),
      // An older release of this program reads it.
      keyAt: app.lastSeenAtMs,
      standing: app.standing,
      device: app.deviceId,
      ...(app.fleet && { fleet: true }),
    })),
  })}\n`

/** The apps in a file's text, or null when it is no such file. */
export function decodeApps(text: string): readonly AppRecord[] | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const read = appFile.safeParse(value)
  if (!read.success) return null
  return read.data.apps.map((app) => ({
    appId: app.id,
    appKey: app.key,
    label: app.label,
    perms: app.perms | app.morePerms,
    createdAtMs: app.createdAt,
    lastSeenAtMs: app.lastSeenAt,
    greetedAtMs: app.greetedAt,
    keys: { confirmed: app.resumeKey, offered: app.offeredKey, retired: app.retiredKeys },
    standing: app.standing,
    deviceId: app.device,
    fleet: app.fleet,
  }))
}
