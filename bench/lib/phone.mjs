/** What one phone keeps: its key, and what machines granted it. In memory; a phone's disk is not measured. */
import crypto, { randomBytes } from 'node:crypto'
import { appSealer } from '@latchkey/e2ee/app-sealer'
import { nodePrimitives } from '@latchkey/e2ee/native/node'

const primitives = nodePrimitives(
  crypto,
  (bytes) => Buffer.from(bytes),
  // As `attach` does.
  (run) => queueMicrotask(() => setTimeout(run, 2)),
)

export function newPhone() {
  const granted = new Map()
  const key = primitives.agreementKey(randomBytes(32))
  const sealer = appSealer({
    primitives,
    entropy: (byteCount) => randomBytes(byteCount),
    nowMs: () => Date.now(),
    keys: { of: () => key, fresh: () => Promise.reject(new Error('turned away')) },
    store: {
      read: async (runnerId) => granted.get(runnerId) ?? null,
      keep: async (runner) => void granted.set(runner.runnerId, runner),
    },
    exclusively: (_name, run) => run(),
  })
  return { credential: null, runnerId: null, sealer }
}
