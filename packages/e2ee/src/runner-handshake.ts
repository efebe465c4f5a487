import { assertNever } from '@latchkey/domain/kernel'
import { concatenated, utf8 } from '@latchkey/protocol/bytes'
import type { CpaceMessage } from './cpace.ts'
import {
  fleetPrologue,
  fleetPsk,
  qrPrologue,
  qrPsk,
  resumePrologue,
  SUITE,
  sharePrologue,
  sharePsk,
} from './derivations.ts'
import { encodeGrant, type Grant } from './grant.ts'
import { Conversation, channelSecrets, ephemeralKey, type HandshakeRefusal, IGNORED } from './handshake.ts'
import { cleanLabel } from './label.ts'
import {
  encodeMessage,
  type HandshakeMessage,
  PAIRING_NONCE_BYTES,
  readAppData,
  runnerData,
} from './messages.ts'
import type { NoiseHandshake } from './noise.ts'
import { drawPin, type PinConversation, pinOutcome, pinShare } from './pin-exchange.ts'
import { type Expected, proveApp } from './runner-proof.ts'
import type { RunnerHandshakeOptions, RunnerStep } from './runner-steps.ts'

type State =
  | { readonly status: 'awaiting-hello' }
  | {
      readonly status: 'awaiting-share'
      readonly asked: PinConversation
      readonly label: string
      readonly pin: Uint8Array
    }
  | { readonly status: 'awaiting-greeting'; readonly expected: Expected }
  | { readonly status: 'awaiting-grant'; readonly noise: NoiseHandshake }
type In<Status extends State['status']> = State & { readonly status: Status }

/** A message that needs no person is there at once, or the app is gone. */
const GREETING_TTL_MS = 10_000

/**
 * The runner's end of one handshake. It changes in place, and on purpose: of a state that could be kept and used again,
 * a PIN could be tried twice.
 */
export class RunnerHandshake {
  readonly #options: RunnerHandshakeOptions
  readonly #talk: Conversation
  #state: State = { status: 'awaiting-hello' }
  #endsAtMs = Number.POSITIVE_INFINITY

  constructor(options: RunnerHandshakeOptions) {
    this.#options = options
    this.#talk = new Conversation(options.pid)
  }

  /** A message of the app, or of the relay in its name. */
  hear(bytes: Uint8Array, nowMs: number): Promise<RunnerStep> {
    return this.#talk.hear(bytes, (message, whole) => this.#hear(message, whole, nowMs))
  }

  /** Message 6: the app that was proved comes in with this. The channel is open for the runner afterwards. */
  grant(grant: Grant): Promise<RunnerStep> {
    return this.#talk.step(async () => {
      if (this.#state.status !== 'awaiting-grant') return IGNORED
      const { noise } = this.#state
      const body = await noise.write(this.#talk.secrets.keep(encodeGrant(grant)))
      if (body === null) return this.#talk.end('not-authentic')
      const secrets = channelSecrets(noise.finish())
      this.#talk.finish()
      return { status: 'open', secrets, send: [encodeMessage(this.#options.pid, { kind: 'noise2', body })] }
    })
  }

  /** Gives up, for a reason that only the caller knows: time ran out, the owner said no, a limit was reached. */
  refuse(refusal: HandshakeRefusal): Promise<RunnerStep> {
    return this.#talk.step(() => this.#talk.end(refusal))
  }

  #hear(message: HandshakeMessage, bytes: Uint8Array, nowMs: number): RunnerStep | Promise<RunnerStep> {
    if (nowMs >= this.#endsAtMs) return this.#talk.end('expired')
    const state = this.#state
    if (state.status === 'awaiting-hello' && message.kind === 'hello')
      return this.#hearHello(message, bytes, nowMs)
    if (state.status === 'awaiting-share' && message.kind === 'cpaceA')
      return this.#hearShare(state, message, nowMs)
    if (state.status === 'awaiting-greeting' && message.kind === 'noise1')
      return this.#hearGreeting(state.expected, message.body)
    return this.#talk.end('unexpected')
  }

  #hearHello(said: HandshakeMessage & { kind: 'hello' }, hello: Uint8Array, nowMs: number): RunnerStep {
    const { policy, runner, code } = this.#options
    const { from } = said
    const refusal = policy.admit(from.method)
    if (refusal !== null) return this.#talk.end(refusal)
    if (!said.suites.includes(SUITE)) return this.#talk.end('version')
    // Without a CHALLENGE there is nothing to choose: an offer of more would not be in any transcript.
    if (from.method !== 'pin' && said.suites.length !== 1) return this.#talk.end('version')
    this.#endsAtMs = nowMs + GREETING_TTL_MS
    switch (from.method) {
      case 'pin':
        return this.#challenge(said, from.label, hello, nowMs)
      case 'qr': {
        const secret = policy.oneTimeSecret()
        if (secret === null) return this.#talk.end('expired')
        const reach = runner.reach.publicKey
        const psk = this.#talk.secrets.keep(qrPsk(secret, { runnerId: runner.runnerId, code, reach }))
        const prologue = qrPrologue(runner.runnerId, code, hello)
        return this.#expect({ method: 'qr', label: from.label, psk, prologue })
      }
      case 'resume': {
        const app = policy.knownApp(from.appId)
        if (app === null) return this.#talk.end('unknown-app')
        if (app.standing !== 'welcome') return this.#talk.end('revoked')
        const prologue = resumePrologue(runner.runnerId, from.appId, hello)
        return this.#expect({ method: 'resume', appId: from.appId, prologue })
      }
      case 'fleet': {
        const secret = policy.fleetSecret()
        if (secret === null) return this.#talk.end('unknown-app')
        const { runnerId, reach } = runner
        const psk = this.#talk.secrets.keep(fleetPsk(secret, { runnerId, reach: reach.publicKey }))
        return this.#expect({
          method: 'fleet',
          label: from.label,
          psk,
          prologue: fleetPrologue(runnerId, hello),
        })
      }
      case 'share': {
        const { shareId, label } = from
        const secret = policy.shareSecret(shareId)
        if (secret === null) return this.#talk.end('expired')
        const { runnerId, reach } = runner
        const meeting = { runnerId, shareId, reach: reach.publicKey }
        const psk = this.#talk.secrets.keep(sharePsk(secret, meeting))
        return this.#expect({
          method: 'share',
          ...{ label, shareId, psk, prologue: sharePrologue(runnerId, shareId, hello) },
        })
      }
      default:
        return assertNever(from)
    }
  }

  #expect(expected: Expected): RunnerStep {
    this.#state = { status: 'awaiting-greeting', expected }
    return { status: 'waiting', send: [] }
  }

  #challenge(
    { nonce }: HandshakeMessage & { kind: 'hello' },
    label: string,
    hello: Uint8Array,
    nowMs: number,
  ): RunnerStep {
    const { entropy, pid, code, runner, pinDigits, pinTtlS } = this.#options
    const pin = drawPin(entropy, pinDigits)
    const own = entropy(PAIRING_NONCE_BYTES)
    const challenge = encodeMessage(pid, {
      kind: 'challenge',
      nonce: own,
      suite: SUITE,
      pinDigits,
      ttlS: pinTtlS,
      label: cleanLabel(runner.label),
    })
    const meeting = { runnerId: runner.runnerId, code, pid }
    const asked = { meeting, hello, challenge, session: concatenated(nonce, own) }
    this.#state = { status: 'awaiting-share', asked, label, pin: this.#talk.secrets.keep(utf8(pin)) }
    this.#endsAtMs = nowMs + pinTtlS * 1000
    return { status: 'pin-asked', pin, label: cleanLabel(label), send: [challenge] }
  }

  /** The one CPace run of this PIN (SECURITY C41): whatever comes of it, the PIN is gone before an answer leaves. */
  #hearShare(
    { asked, label, pin }: In<'awaiting-share'>,
    app: HandshakeMessage & { kind: 'cpaceA' },
    nowMs: number,
  ): RunnerStep {
    const { entropy, pid, runner } = this.#options
    const { scalar, share } = pinShare(asked, pin, entropy, this.#talk.secrets)
    pin.fill(0)
    const own: CpaceMessage = {
      share,
      data: runnerData(runner.reach.publicKey, runner.sign, cleanLabel(runner.label)),
    }
    const keys = readAppData(app.data, label)
    const outcome = pinOutcome({ ...asked, app, runner: own }, scalar, app.share, this.#talk.secrets)
    if (keys === null || outcome === null) return this.#talk.end('malformed')
    this.#expect({ method: 'pin', label, outcome, appKey: keys.reach })
    this.#endsAtMs = nowMs + GREETING_TTL_MS
    const answer = encodeMessage(pid, { kind: 'cpaceB', ...own, tag: outcome.runnerTag })
    return { status: 'pin-burnt', send: [answer] }
  }

  async #hearGreeting(expected: Expected, body: Uint8Array): Promise<RunnerStep> {
    const { primitives, entropy } = this.#options
    const ephemeral = this.#talk.secrets.keep(await ephemeralKey(primitives, entropy))
    const prover = { options: this.#options, ephemeralKey: ephemeral, secrets: this.#talk.secrets }
    const proof = await proveApp(prover, expected, body)
    switch (proof.status) {
      case 'proved':
        this.#state = { status: 'awaiting-grant', noise: proof.noise }
        return { status: 'proved', app: proof.app, send: [] }
      case 'cloned':
        return { status: 'cloned', appId: proof.appId, send: this.#talk.end('cloned').send }
      case 'refused':
        return this.#talk.end(proof.refusal)
      default:
        return assertNever(proof)
    }
  }
}
