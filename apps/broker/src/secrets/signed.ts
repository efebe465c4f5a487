import { timingSafeEqual } from 'node:crypto'
import { received } from '@latchkey/protocol/call'
import type { z } from 'zod'
import { macFor } from './purpose-key.ts'

const MAC_BYTES = 32

/** Messages between broker instances that clients carry: signed with the shared key, for one purpose. Readable, in base64url. */
export interface Signed<Schema extends z.ZodType> {
  write(value: z.input<Schema>): string
  /** The message; null when it was not signed with the key for this purpose. */
  read(text: string): z.output<Schema> | null
}

/** @param purpose a message that was signed for one purpose is void for any other */
export function signed<Schema extends z.ZodType>(
  signingKey: Buffer,
  purpose: string,
  schema: Schema,
): Signed<Schema> {
  const macOf = macFor(signingKey, purpose)
  return {
    write: (value) => {
      const payload = Buffer.from(JSON.stringify(value))
      return Buffer.concat([macOf(payload), payload]).toString('base64url')
    },
    read: (text) => {
      const bytes = Buffer.from(text, 'base64url')
      const payload = bytes.subarray(MAC_BYTES)
      if (bytes.length <= MAC_BYTES || !timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(payload)))
        return null
      return received(schema, JSON.parse(payload.toString()))
    },
  }
}
