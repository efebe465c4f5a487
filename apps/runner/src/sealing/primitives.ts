import crypto from 'node:crypto'
import { nodePrimitives } from '@latchkey/e2ee/native/node'

/** OpenSSL's, several times faster than what is written in JavaScript. */
export const primitives = nodePrimitives<crypto.KeyObject, Buffer>(crypto, (bytes) => Buffer.from(bytes))
