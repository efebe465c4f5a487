import { assertNever } from '@latchkey/domain/kernel'
import { CONFIRMATION_BYTES } from './cpace.ts'
import { decodeGreeting, GREETING_BYTES, type Greeting } from './grant.ts'
import type { HandshakeRefusal } from './handshake.ts'
import { cleanLabel } from './label.ts'
import { IK_PSK1, NoiseHandshake } from './noise.ts'
import type { PinOutcome } from './pin-exchange.ts'
import type { AgreementKey } from './primitives.ts'
import { resumeKeysToTry } from './resume-keys.ts'
import type { ProvedApp, RunnerHandshakeOptions } from './runner-steps.ts'
import { equalInConstantTime, type Secrets } from './secret-bytes.ts'

/** The proof that message 5 must bring, by the way in that HELLO named. */
export type Expected =
  | {
      readonly method: 'pin'
      readonly label: string
      readonly outcome: PinOutcome
      readonly appKey: Uint8Array
    }
  | { readonly method: 'qr'; readonly label: string; readonly psk: Uint8Array; readonly prologue: Uint8Array }
  | { readonly method: 'resume'; readonly appId: Uint8Array; readonly prologue: Uint8Array }
  | {
      readonly method: 'fleet'
      readonly label: string
      readonly psk: Uint8Array
      readonly prologue: Uint8Array
    }
  | {
      readonly method: 'share'
      readonly label: string
      readonly shareId: Uint8Array
      readonly psk: Uint8Array
      readonly prologue: Uint8Array
    }

export type Proof =
  | { readonly status: 'proved'; readonly app: ProvedApp; readonly noise: NoiseHandshake }
  | { readonly status: 'cloned'; readonly appId: Uint8Array }
  | { readonly status: 'refused'; readonly refusal: HandshakeRefusal }

/** The runner's side of a handshake, as far as reading message 5 goes. */
export interface Prover {
  readonly options: RunnerHandshakeOptions
  readonly ephemeralKey: AgreementKey
  readonly secrets: Secrets
}

/** Checks message 5: the secret of the way in, and the app's own key. */
export async function proveApp(prover: Prover, expected: Expected, body: Uint8Array): Promise<Proof> {
  const proof = await proofOf(prover, expected, body)
  // A revoked key stays out, also when its owner knows a PIN (SECURITY C45).
  return proof.status === 'proved' && prover.options.policy.isRevoked(proof.app.appKey)
    ? refused('revoked')
    : proof
}

function proofOf(prover: Prover, expected: Expected, body: Uint8Array): Proof | Promise<Proof> {
  switch (expected.method) {
    case 'pin':
      return provePin(prover, expected, body)
    case 'qr':
      return proveQr(prover, expected, body)
    case 'resume':
      return proveKnown(prover, expected, body)
    case 'fleet':
      return proveDevice(prover, expected, body)
    case 'share':
      return proveGuest(prover, expected, body)
    default:
      return assertNever(expected)
  }
}

async function provePin(
  prover: Prover,
  { outcome, appKey, label }: Expected & { method: 'pin' },
  body: Uint8Array,
): Promise<Proof> {
  if (!equalInConstantTime(body.subarray(0, CONFIRMATION_BYTES), outcome.appTag))
    return refused('pin-mismatch')
  const read = await readGreeting(prover, outcome.psk, outcome.prologue, body.subarray(CONFIRMATION_BYTES))
  // The key that speaks must be the one that CPace authenticated.
  if (!wasRead(read) || !equalInConstantTime(appKey, read.appKey)) return refused('not-authentic')
  return proved(read, { method: 'pin', label: cleanLabel(label), appId: null, resumeKey: null })
}

async function proveQr(
  prover: Prover,
  { psk, prologue, label }: Expected & { method: 'qr' },
  body: Uint8Array,
): Promise<Proof> {
  const read = await readGreeting(prover, psk, prologue, body)
  // Without an attacker, a wrong secret is one that was used up: the app should scan again.
  if (!wasRead(read)) return refused('expired')
  return proved(read, { method: 'qr', label: cleanLabel(label), appId: null, resumeKey: null })
}

async function proveDevice(
  prover: Prover,
  { psk, prologue, label }: Expected & { method: 'fleet' },
  body: Uint8Array,
): Promise<Proof> {
  const read = await readGreeting(prover, psk, prologue, body, true)
  if (!wasRead(read)) return refused('not-authentic')
  const { certificate } = read
  return proved(read, {
    ...{ method: 'fleet', label: cleanLabel(label), appId: null, resumeKey: null },
    certificate,
  })
}

async function proveGuest(
  prover: Prover,
  { psk, prologue, label, shareId }: Expected & { method: 'share' },
  body: Uint8Array,
): Promise<Proof> {
  const read = await readGreeting(prover, psk, prologue, body)
  if (!wasRead(read)) return refused('not-authentic')
  return proved(read, { method: 'share', label: cleanLabel(label), appId: null, resumeKey: null, shareId })
}

async function proveKnown(
  prover: Prover,
  { appId, prologue }: Expected & { method: 'resume' },
  body: Uint8Array,
): Promise<Proof> {
  // Looked up again: another attempt of the same app may have ended since HELLO.
  const app = prover.options.policy.knownApp(appId)
  if (app === null || app.standing !== 'welcome') return refused('revoked')
  const agreeing = agreeingOnce(prover)
  for (const { state, key } of resumeKeysToTry(app.keys)) {
    const read = await readGreeting(agreeing, key, prologue, body)
    // The app's own key is read before the resume key is needed. A message of another key is not tried with all resume keys.
    if (read.appKey === null || !equalInConstantTime(app.appKey, read.appKey)) return refused('not-authentic')
    if (!wasRead(read)) continue
    // Before the alarm: a relay that sends an old message again must not be able to raise it.
    if (read.greeting.atMs <= app.greetedAtMs) return refused('replayed')
    return state === 'retired'
      ? { status: 'cloned', appId }
      : proved(read, { method: 'resume', label: null, appId, resumeKey: key })
  }
  return refused('not-authentic')
}

interface Reading {
  readonly noise: NoiseHandshake
  /** null when the message is not sealed with this secret */
  readonly greeting: Greeting | null
  /** what came behind the greeting; empty for most ways in */
  readonly certificate: Uint8Array
  /** whose key speaks; null when the message is not for this runner at all. Not proved without a greeting */
  readonly appKey: Uint8Array | null
}
type ReadGreeting = Reading & { readonly greeting: Greeting; readonly appKey: Uint8Array }

const wasRead = (reading: Reading): reading is ReadGreeting =>
  reading.greeting !== null && reading.appKey !== null

/**
 * The same prover, which computes each key agreement once: trying many resume keys on one message then costs hashing
 * alone.
 */
function agreeingOnce(prover: Prover): Prover {
  const { reach } = prover.options.runner
  const agreed: { readonly theirs: Uint8Array; readonly secret: Uint8Array | null }[] = []
  const agree = async (theirs: Uint8Array): Promise<Uint8Array | null> => {
    let known = agreed.find((each) => equalInConstantTime(each.theirs, theirs))
    if (known === undefined) {
      const secret = await reach.agree(theirs)
      known = { theirs, secret: secret && prover.secrets.keep(secret) }
      agreed.push(known)
    }
    // A copy: the handshake wipes what it has mixed in.
    return known.secret && Uint8Array.from(known.secret)
  }
  const runner = {
    ...prover.options.runner,
    reach: { publicKey: reach.publicKey, agree, forget: () => reach.forget() },
  }
  return { ...prover, options: { ...prover.options, runner } }
}

async function readGreeting(
  { options, ephemeralKey, secrets }: Prover,
  psk: Uint8Array,
  prologue: Uint8Array,
  message: Uint8Array,
  mayBring = false,
): Promise<Reading> {
  const noise = secrets.keep(
    new NoiseHandshake({
      aead: options.primitives.aead,
      role: 'responder',
      pattern: IK_PSK1,
      prologue,
      psk,
      staticKey: options.runner.reach,
      ephemeralKey,
      responderStatic: options.runner.reach.publicKey,
    }),
  )
  const payload = await noise.read(message)
  // A device of a fleet brings its certificate behind its greeting. No other way in may bring more.
  const certificate = payload?.slice(GREETING_BYTES) ?? new Uint8Array(0)
  const greeting = payload && decodeGreeting(payload.subarray(0, mayBring ? GREETING_BYTES : payload.length))
  return { noise, greeting, certificate, appKey: noise.remoteStatic }
}

const refused = (refusal: HandshakeRefusal): Proof => ({ status: 'refused', refusal })

const proved = (
  { noise, greeting, appKey }: ReadGreeting,
  how: Pick<ProvedApp, 'method' | 'label' | 'appId' | 'resumeKey'> &
    Partial<Pick<ProvedApp, 'shareId' | 'certificate'>>,
): Proof => ({
  status: 'proved',
  noise,
  app: {
    shareId: null,
    certificate: null,
    ...how,
    appKey,
    greetedAtMs: greeting.atMs,
    capabilities: greeting.capabilities,
  },
})
