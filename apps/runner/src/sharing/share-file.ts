import type { Share } from '@latchkey/domain/sharing/share'
import { SHARE_SECRET_BYTES } from '@latchkey/e2ee/share-url'
import { base64url, fromBase64url } from '@latchkey/protocol/bytes'
import { z } from 'zod'

/** A link with the secret that opens it. */
export interface KeptShare extends Share {
  /** 16 bytes */
  readonly secret: Uint8Array
}

const moment = z.number().int().nonnegative()
const secret = z
  .string()
  .transform((text) => fromBase64url(text))
  .pipe(z.instanceof(Uint8Array).refine((bytes) => bytes.length === SHARE_SECRET_BYTES))

const shareFile = z.object({
  version: z.literal(1),
  shares: z.array(
    z.object({
      id: z.string().regex(/^[0-9a-f]{16}$/),
      secret,
      terminal: z.number().int(),
      startedAtMs: moment,
      type: z.boolean(),
      history: z.boolean(),
      createdAtMs: moment,
      endsAtMs: moment,
      guestsMax: z.number().int().positive(),
      guests: z.array(
        z.object({
          key: z.string(),
          app: z.string().regex(/^[0-9a-f]{32}$/),
          label: z.string(),
          firstSeenAtMs: moment,
          lastSeenAtMs: moment,
          greetedAtMs: moment,
        }),
      ),
    }),
  ),
})

export const encodeShares = (shares: Iterable<KeptShare>): string =>
  `${JSON.stringify({
    version: 1,
    shares: [...shares].map((share) => ({ ...share, secret: base64url(share.secret) })),
  })}\n`

/** The links in a file's text; none where it cannot be read: a link that is forgotten opens nothing. */
export function decodeShares(text: string): readonly KeptShare[] {
  try {
    return shareFile.safeParse(JSON.parse(text)).data?.shares ?? []
  } catch {
    return []
  }
}
