import { webCryptoPrimitives } from '@latchkey/e2ee/native/webcrypto'
import { noblePrimitives } from '@latchkey/e2ee/primitives'
import { handshakeMs } from './handshake.mjs'

/** Asked by bench/sealing/handshake.mjs, in the page. */
globalThis.measure = async (platform, method) => {
  const primitives =
    platform === 'noble' ? noblePrimitives : await webCryptoPrimitives(globalThis.crypto.subtle)
  return handshakeMs(primitives, method, 10)
}
