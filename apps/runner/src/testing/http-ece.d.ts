declare module 'http_ece' {
  import type { ECDH } from 'node:crypto'
  /** The text of an encrypted body (RFC 8188); throws when it is not for this key. */
  export function decrypt(
    body: Buffer,
    params: { readonly version: 'aes128gcm'; readonly privateKey: ECDH; readonly authSecret: string },
  ): Buffer
}
