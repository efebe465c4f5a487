import crypto from 'node:crypto'
import { nodePrimitives } from '@latchkey/e2ee/native/node'

/** The next cipher is set up so long after the last frame: not while the echo of a key is on its way. */
const NEXT_CIPHER_AFTER_MS = 2

/** OpenSSL's, several times faster than JavaScript. */
export const primitives = nodePrimitives<crypto.KeyObject, Buffer>(
  crypto,
  (bytes) => Buffer.from(bytes),
  // Not even the timer is made before the frame has left.
  (run) => queueMicrotask(() => setTimeout(run, NEXT_CIPHER_AFTER_MS)),
)
