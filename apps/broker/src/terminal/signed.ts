import { createHmac, timingSafeEqual } from 'node:crypto'

const MAC_BYTES = 32

/** Words between brokers that clients carry: whoever has the key wrote them, for one purpose. In clear, in base64url. */
export interface Signed {
  write(value: unknown): string
  /** What was written, or undefined when nobody with the key wrote it for this purpose. */
  read(text: string): unknown
}

/** @param purpose what is signed for one is nothing for another */
export function signed(signingKey: Buffer, purpose: string): Signed {
  const key = createHmac('sha256', signingKey).update(purpose).digest()
  const macOf = (payload: Buffer) => createHmac('sha256', key).update(payload).digest()
  return {
    write: (value) => {
      const payload = Buffer.from(JSON.stringify(value))
      return Buffer.concat([macOf(payload), payload]).toString('base64url')
    },
    read: (text) => {
      const bytes = Buffer.from(text, 'base64url')
      const payload = bytes.subarray(MAC_BYTES)
      if (bytes.length <= MAC_BYTES || !timingSafeEqual(bytes.subarray(0, MAC_BYTES), macOf(payload)))
        return undefined
      return JSON.parse(payload.toString())
    },
  }
}
