import crypto from 'node:crypto'
import { runnerFingerprint } from '@latchkey/protocol/runner-identity'
import { AppHandshake } from './app-handshake.ts'
import type { AppStep, WayIn } from './app-steps.ts'
import type { Grant } from './grant.ts'
import { nodePrimitives } from './native/node.ts'
import type { AgreementKey, SigningKey } from './primitives.ts'
import { RunnerHandshake } from './runner-handshake.ts'
import type { KnownApp, RunnerPolicy, RunnerStep } from './runner-steps.ts'

/** Two ends that want to meet, and what stands between them: for the tests of attempts. */

export const primitives = nodePrimitives<crypto.KeyObject, Buffer>(crypto, (bytes) => Buffer.from(bytes))

/** Uniform bytes that depend on the seed alone. */
export function seededEntropy(seed: number | string): (byteCount: number) => Uint8Array {
  let drawn = 0
  return (byteCount) => {
    const out = new Uint8Array(byteCount)
    for (let at = 0; at < byteCount; at += 32) {
      const block = crypto.createHash('sha256').update(`${seed}/${drawn++}`).digest()
      out.set(block.subarray(0, Math.min(32, byteCount - at)), at)
    }
    return out
  }
}

const fixed = seededEntropy('keys of the two ends')
export const appKey = await primitives.agreementKey(fixed(32))
export const otherKey = await primitives.agreementKey(fixed(32))
export const runnerKey = await primitives.agreementKey(fixed(32))
export const runnerSign: SigningKey = await primitives.signingKey(fixed(32))
export const oneTimeSecret = fixed(16)
export const runnerId = runnerFingerprint({ reach: runnerKey.publicKey, sign: runnerSign.publicKey })
export const CODE = 'ABC-123-XYZ'
export const PID = Uint8Array.from({ length: 16 }, (_, at) => 0xa0 + at)
export const NOW_MS = 1_800_000_000_000

export const grant: Grant = {
  appId: fixed(16),
  resumeKey: fixed(32),
  permissions: { view: true, input: true, admin: false, approve: false, send: false },
  expiresAtMs: null,
  revocationRev: 0,
}

export const knownApp: KnownApp = {
  appKey: appKey.publicKey,
  keys: { confirmed: grant.resumeKey, offered: null, retired: [] },
  greetedAtMs: NOW_MS - 1,
  standing: 'welcome',
}

export const ways = {
  pin: { method: 'pin', code: CODE, label: 'Pixel 8' },
  qr: { method: 'qr', code: CODE, label: 'Pixel 8', reach: runnerKey.publicKey, oneTimeSecret },
  resume: { method: 'resume', reach: runnerKey.publicKey, appId: grant.appId, resumeKey: grant.resumeKey },
  share: {
    method: 'share',
    label: 'Guest',
    reach: runnerKey.publicKey,
    shareId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    secret: oneTimeSecret,
  },
  fleet: {
    ...{ method: 'fleet', label: 'Pixel 8', reach: runnerKey.publicKey, secret: oneTimeSecret },
    certificate: new Uint8Array(180).fill(7),
  },
} satisfies Record<string, WayIn>

/** Lets everybody in who can prove something. */
export const openPolicy: RunnerPolicy = {
  admit: () => null,
  oneTimeSecret: () => oneTimeSecret,
  fleetSecret: () => oneTimeSecret,
  shareSecret: (shareId) => (Buffer.from(shareId).equals(ways.share.shareId) ? ways.share.secret : null),
  knownApp: (appId) => (Buffer.from(appId).equals(grant.appId) ? knownApp : null),
  isRevoked: () => false,
}

export const appEnd = (seed: number | string, way: WayIn, key: AgreementKey = appKey): AppHandshake =>
  new AppHandshake({
    primitives,
    entropy: seededEntropy(`app ${seed}`),
    runnerId,
    pid: PID,
    key,
    way,
    capabilities: 0,
  })

export const runnerEnd = (
  seed: number | string,
  policy: Partial<RunnerPolicy> = {},
  reach: AgreementKey = runnerKey,
): RunnerHandshake =>
  new RunnerHandshake({
    primitives,
    entropy: seededEntropy(`runner ${seed}`),
    pid: PID,
    code: CODE,
    runner: { runnerId, reach, sign: runnerSign.publicKey, label: 'build-host' },
    pinDigits: 6,
    pinTtlS: 120,
    policy: { ...openPolicy, ...policy },
  })

/** One message on its way, and what the relay makes of it. */
export interface InTransit {
  readonly to: 'app' | 'runner'
  readonly bytes: Uint8Array
  /** how many messages came before it */
  readonly at: number
}
export type Relay = (message: InTransit) => readonly Pick<InTransit, 'to' | 'bytes'>[]
export const honest: Relay = (message) => [message]

export interface Outcome {
  /** the last step of each end that said something */
  readonly app: AppStep
  readonly runner: RunnerStep
  /** what each end has sent, before the relay touched it */
  readonly sent: readonly InTransit[]
}

/**
 * Lets the two ends talk through a relay until nothing is under way. `typed` is the PIN that the person types, from the
 * one that the runner shows.
 */
export async function meet(
  app: AppHandshake,
  runner: RunnerHandshake,
  relay: Relay = honest,
  typed: (shown: string) => string = (shown) => shown,
  nowMs = NOW_MS,
): Promise<Outcome> {
  const sent: InTransit[] = []
  const underWay: Pick<InTransit, 'to' | 'bytes'>[] = []
  const post = (to: 'app' | 'runner', messages: readonly Uint8Array[]) => {
    for (const bytes of messages) {
      const message = { to, bytes, at: sent.length }
      sent.push(message)
      underWay.push(...relay(message))
    }
  }
  let shown = '000000'
  let appStep = await app.begin(nowMs)
  let runnerStep: RunnerStep = { status: 'waiting', send: [] }
  post('runner', appStep.send)
  for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) {
    if (next.to === 'runner') {
      const heard = await runner.hear(next.bytes, nowMs)
      if (heard.status !== 'ignored') runnerStep = heard
      if (heard.status === 'pin-asked') shown = heard.pin
      post('app', heard.send)
      if (heard.status === 'proved') {
        runnerStep = await runner.grant(grant)
        post('app', runnerStep.send)
      }
    } else {
      const heard = await app.hear(next.bytes, nowMs)
      if (heard.status !== 'ignored') appStep = heard
      post('runner', heard.send)
      if (heard.status === 'pin-wanted') {
        appStep = await app.enterPin(typed(shown))
        post('runner', appStep.send)
      }
    }
  }
  return { app: appStep, runner: runnerStep, sent }
}
