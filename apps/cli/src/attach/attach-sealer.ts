import crypto, { randomBytes } from 'node:crypto'
import type { Sealer } from '@latchkey/connection/app/sealer'
import { appSealer } from '@latchkey/e2ee/app-sealer'
import { nodePrimitives } from '@latchkey/e2ee/native/node'
import { KEY_BYTES } from '@latchkey/e2ee/primitives'
import { SealFiles } from './seal-store.ts'

/** The next cipher is set up so long after the last frame: not while the echo of a key is on its way. */
const NEXT_CIPHER_AFTER_MS = 2

const primitives = nodePrimitives<crypto.KeyObject, Buffer>(
  crypto,
  (bytes) => Buffer.from(bytes),
  // Not even the timer is made before the frame has left.
  (run) => queueMicrotask(() => setTimeout(run, NEXT_CIPHER_AFTER_MS)),
)

/** Seals what `attach` types and prints; its keys are in the data folder. */
export function attachSealer(dataDir: string): Sealer {
  const files = new SealFiles(dataDir)
  return appSealer({
    primitives,
    entropy: (byteCount) => randomBytes(byteCount),
    nowMs: () => Date.now(),
    keys: {
      of: (runnerId) => primitives.agreementKey(files.secretFor(runnerId)),
      fresh: async (runnerId) => {
        const secret = randomBytes(KEY_BYTES)
        return {
          key: await primitives.agreementKey(secret),
          keep: async () => files.keepSecretFor(runnerId, secret),
        }
      },
    },
    store: files,
    exclusively: (name, run) => files.exclusively(name, run),
  })
}
