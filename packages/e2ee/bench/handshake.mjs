/**
 * What a handshake costs each end, in Node and in a browser alike: both ends in one process, nothing in between, each one's
 * time counted for itself.
 */
import { AppHandshake } from '@latchkey/e2ee/app-handshake'
import { RunnerHandshake } from '@latchkey/e2ee/runner-handshake'
import { runnerFingerprint } from '@latchkey/protocol/runner-identity'

export const METHODS = ['pin', 'qr', 'resume']
const CODE = 'ABC123XYZ'

const entropy = (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount))

/** What both ends have before they meet. */
async function meeting(primitives, method) {
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
  const way = {
    pin: { method, code: CODE, label: 'phone' },
    qr: { method, code: CODE, label: 'phone', reach: reach.publicKey, oneTimeSecret },
    resume: { method, reach: reach.publicKey, appId, resumeKey },
  }[method]
  const policy = {
    admit: () => null,
    oneTimeSecret: () => oneTimeSecret,
    knownApp: () => known,
    isRevoked: () => false,
  }
  const app = () =>
    new AppHandshake({ primitives, entropy, runnerId, pid, key: appKey, way, capabilities: 0 })
  const runner = () =>
    new RunnerHandshake({
      primitives,
      entropy,
      pid,
      code: CODE,
      runner: { runnerId, reach, sign, label: 'host' },
      pinDigits: 6,
      pinTtlS: 120,
      policy,
    })
  return { app, runner, grant }
}

/** One attempt from HELLO to the open channel; milliseconds of each end. */
async function once({ app: newApp, runner: newRunner, grant }) {
  const spent = { app: 0, runner: 0 }
  const timed = async (end, act) => {
    const from = performance.now()
    const step = await act()
    spent[end] += performance.now() - from
    return step
  }
  const [app, runner] = [newApp(), newRunner()]
  const underWay = (await timed('app', () => app.begin(1))).send.map((bytes) => ['runner', bytes])
  let pin = ''
  let last = ''
  while (underWay.length > 0) {
    const [to, bytes] = underWay.shift()
    let step = await timed(to, () => (to === 'runner' ? runner : app).hear(bytes, 1))
    if (step.status === 'pin-asked') pin = step.pin
    if (step.status === 'pin-wanted') step = await timed('app', () => app.enterPin(pin))
    if (step.status === 'proved') step = await timed('runner', () => runner.grant(grant))
    underWay.push(...step.send.map((message) => [to === 'runner' ? 'app' : 'runner', message]))
    last = step.status
  }
  if (last !== 'open') throw new Error(`the channel did not open: ${last}`)
  return spent
}

/** The fastest of nine rounds of `runs` each, since others may share the machine. */
export async function handshakeMs(primitives, method, runs = 20) {
  const ends = await meeting(primitives, method)
  const best = { app: Number.POSITIVE_INFINITY, runner: Number.POSITIVE_INFINITY }
  for (let round = 0; round < 9; round++) {
    const sum = { app: 0, runner: 0 }
    for (let run = 0; run < runs; run++) {
      const spent = await once(ends)
      sum.app += spent.app
      sum.runner += spent.runner
    }
    for (const end of ['app', 'runner']) best[end] = Math.min(best[end], sum[end] / runs)
  }
  return best
}
