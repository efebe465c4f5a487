/**
 * What sealing costs on this machine: `npm run build && node packages/e2ee/bench/measure.mjs`. The fastest of nine
 * rounds, since others may share the machine; a handshake is both ends in one process, with nothing in between.
 */
import crypto from 'node:crypto'
import { AppAttempt } from '@latchkey/e2ee/app-attempt'
import { SealedChannel } from '@latchkey/e2ee/channel'
import { nodePrimitives } from '@latchkey/e2ee/native/node'
import { webCryptoPrimitives } from '@latchkey/e2ee/native/webcrypto'
import { noblePrimitives } from '@latchkey/e2ee/primitives'
import { RunnerAttempt } from '@latchkey/e2ee/runner-attempt'
import { runnerFingerprint } from '@latchkey/protocol/runner-identity'

const ROUNDS = 9
const entropy = (byteCount) => Uint8Array.from(crypto.randomBytes(byteCount))
const platforms = {
  noble: noblePrimitives,
  'node:crypto': nodePrimitives(crypto, (bytes) => Buffer.from(bytes)),
  WebCrypto: await webCryptoPrimitives(crypto.webcrypto.subtle),
}

/** Milliseconds for one attempt from HELLO to the open channel, both ends together. */
async function handshakeMs(primitives, method) {
  const appKey = await primitives.agreementKey(entropy(32))
  const reach = await primitives.agreementKey(entropy(32))
  const { publicKey: sign } = await primitives.signingKey(entropy(32))
  const runnerId = runnerFingerprint({ reach: reach.publicKey, sign })
  const [pid, appId, resumeKey, oneTimeSecret] = [entropy(16), entropy(16), entropy(32), entropy(16)]
  const grant = {
    appId,
    resumeKey,
    permissions: { view: true, input: true, admin: false },
    expiresAtMs: null,
    revocationRev: 0,
  }
  const known = {
    appKey: appKey.publicKey,
    keys: { confirmed: resumeKey, offered: null, retired: [] },
    greetedAtMs: 0,
    standing: 'welcome',
  }
  const code = 'ABC123XYZ'
  const way = {
    pin: { method, code, label: 'phone' },
    qr: { method, code, label: 'phone', reach: reach.publicKey, oneTimeSecret },
    resume: { method, reach: reach.publicKey, appId, resumeKey },
  }[method]
  const one = async () => {
    const app = new AppAttempt({ primitives, entropy, runnerId, pid, key: appKey, way, capabilities: 0 })
    const policy = {
      admit: () => null,
      oneTimeSecret: () => oneTimeSecret,
      knownApp: () => known,
      isRevoked: () => false,
    }
    const runner = new RunnerAttempt({
      primitives,
      entropy,
      pid,
      code,
      runner: { runnerId, reach, sign, label: 'host' },
      pinDigits: 6,
      pinTtlS: 120,
      policy,
    })
    const underWay = (await app.begin(1)).send.map((bytes) => ['runner', bytes])
    let pin = ''
    let opened
    while (underWay.length > 0) {
      const [to, bytes] = underWay.shift()
      let step = await (to === 'runner' ? runner : app).hear(bytes, 1)
      if (step.status === 'pin-asked') pin = step.pin
      if (step.status === 'pin-wanted') step = await app.enterPin(pin)
      if (step.status === 'proved') step = await runner.grant(grant)
      underWay.push(...step.send.map((message) => [to === 'runner' ? 'app' : 'runner', message]))
      opened = step.status
    }
    if (opened !== 'open') throw new Error(`the channel did not open: ${opened}`)
  }
  const runs = 20
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now()
    for (let run = 0; run < runs; run++) await one()
    rounds.push((performance.now() - from) / runs)
  }
  return Math.min(...rounds)
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
  for (const method of ['pin', 'qr', 'resume'])
    figures.push((await handshakeMs(primitives, method)).toFixed(2).padStart(8))
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
