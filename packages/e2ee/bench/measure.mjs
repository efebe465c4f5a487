/**
 * What sealing costs on this machine: `npm run build && node packages/e2ee/bench/measure.mjs`. The fastest of nine
 * rounds, since others may share the machine; a handshake is both ends in one process, with nothing in between.
 */
import crypto from 'node:crypto'
import { SealedChannel } from '@latchkey/e2ee/channel'
import { nodePrimitives } from '@latchkey/e2ee/native/node'
import { webCryptoPrimitives } from '@latchkey/e2ee/native/webcrypto'
import { noblePrimitives } from '@latchkey/e2ee/primitives'
import { handshakeMs, METHODS } from './handshake.mjs'

const ROUNDS = 9
const entropy = (byteCount) => Uint8Array.from(crypto.randomBytes(byteCount))
const platforms = {
  noble: noblePrimitives,
  'node:crypto': nodePrimitives(crypto, (bytes) => Buffer.from(bytes)),
  WebCrypto: await webCryptoPrimitives(crypto.webcrypto.subtle),
}

/** Microseconds to seal one frame, and to open it. */
function frameUs(aead, byteCount) {
  const runs = byteCount > 16_384 ? 200 : 2_000
  const plaintext = entropy(byteCount)
  const sealing = []
  const opening = []
  for (let round = 0; round < ROUNDS; round++) {
    const end = (role) =>
      new SealedChannel({
        aead,
        role,
        secrets: {
          fromApp: new Uint8Array(32),
          fromRunner: new Uint8Array(32).fill(1),
          channel: new Uint8Array(8),
        },
        clock: () => 0,
        pad: false,
      })
    const [app, runner] = [end('app'), end('runner')]
    const sealed = []
    let from = performance.now()
    for (let run = 0; run < runs; run++) sealed.push(runner.seal(plaintext))
    sealing.push(((performance.now() - from) * 1000) / runs)
    from = performance.now()
    for (const payload of sealed) app.open(payload)
    opening.push(((performance.now() - from) * 1000) / runs)
  }
  return [Math.min(...sealing), Math.min(...opening)]
}

console.log(`node ${process.version}, ${process.arch}`)
console.log('handshake, both ends, ms'.padEnd(28), 'pin'.padStart(8), 'qr'.padStart(8), 'resume'.padStart(8))
for (const [name, primitives] of Object.entries(platforms)) {
  const figures = []
  for (const method of METHODS) {
    const { app, runner } = await handshakeMs(primitives, method)
    figures.push((app + runner).toFixed(2).padStart(8))
  }
  console.log(name.padEnd(28), ...figures)
}
console.log(
  'frame, µs (seal / open)'.padEnd(28),
  '64 B'.padStart(16),
  '4 KiB'.padStart(16),
  '64 KiB'.padStart(16),
)
for (const name of ['noble', 'node:crypto']) {
  const figures = [64, 4096, 65_536].map((byteCount) =>
    frameUs(platforms[name].aead, byteCount)
      .map((us) => us.toFixed(1))
      .join(' / ')
      .padStart(16),
  )
  console.log(name.padEnd(28), ...figures)
}
