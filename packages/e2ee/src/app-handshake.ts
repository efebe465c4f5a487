import { assertNever } from '@latchkey/domain/kernel'
import { concatenated, utf8 } from '@latchkey/protocol/bytes'
import { looksLikeFingerprint, runnerFingerprint } from '@latchkey/protocol/runner-identity'
import type { AppHandshakeOptions, AppStep, RunnerKeys, WayIn } from './app-steps.ts'
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
import { decodeGrant, encodeGreeting } from './grant.ts'
import { Conversation, channelSecrets, ephemeralKey, IGNORED } from './handshake.ts'
import { cleanLabel } from './label.ts'
import {
  appData,
  encodeMessage,
  type HandshakeMessage,
  type Introduction,
  PAIRING_NONCE_BYTES,
  readRunnerData,
} from './messages.ts'
import { IK_PSK1, NoiseHandshake } from './noise.ts'
import { PIN_DIGITS_MAX, PIN_DIGITS_MIN, type PinConversation, pinOutcome, pinShare } from './pin-exchange.ts'
import { equalInConstantTime } from './secret-bytes.ts'

type State =
  | { readonly status: 'new' }
  | { readonly status: 'awaiting-challenge'; readonly hello: Uint8Array; readonly nonce: Uint8Array }
  | { readonly status: 'awaiting-pin'; readonly asked: Challenged }
  | {
      readonly status: 'awaiting-proof'
      readonly asked: Challenged
      readonly scalar: Uint8Array
      readonly app: CpaceMessage
    }
  | { readonly status: 'awaiting-grant'; readonly noise: NoiseHandshake; readonly runner: RunnerKeys }
type In<Status extends State['status']> = State & { readonly status: Status }

interface Challenged extends PinConversation {
  readonly pinDigits: number
  readonly ttlS: number
  /** as sent; cleaned before anybody sees it */
  readonly runnerLabel: string
}

/**
 * The app's end of one handshake. Feed it every message of its `pid`; send what each step says. Times are milliseconds
 * since the epoch by the app's clock, and must grow from attempt to attempt with one runner, even if the clock does not.
 */
export class AppHandshake {
  readonly #options: AppHandshakeOptions
  readonly #talk: Conversation
  #state: State = { status: 'new' }

  constructor(options: AppHandshakeOptions) {
    this.#options = options
    this.#talk = new Conversation(options.pid)
  }

  /** The first message or two. Call it once. */
  begin(nowMs: number): Promise<AppStep> {
    return this.#talk.step(() => (this.#state.status === 'new' ? this.#begin(nowMs) : IGNORED))
  }

  /** A message of the runner, or of the relay in its name. */
  hear(bytes: Uint8Array, nowMs: number): Promise<AppStep> {
    return this.#talk.hear(bytes, (message, whole) => this.#hear(message, whole, nowMs))
  }

  /**
   * The digits that the person read from the runner's screen. One try: the runner has burnt its PIN afterwards. Text
   * that cannot be the PIN is not tried: the step asks again.
   */
  enterPin(pin: string): Promise<AppStep> {
    return this.#talk.step(() => {
      const state = this.#state
      if (state.status !== 'awaiting-pin') return IGNORED
      return isPin(pin, state.asked.pinDigits) ? this.#answerChallenge(state, pin) : pinWanted(state.asked)
    })
  }

  /** Gives up: the person left, or time ran out. */
  cancel(): Promise<AppStep> {
    return this.#talk.step(() => this.#talk.end('expired'))
  }

  async #begin(nowMs: number): Promise<AppStep> {
    const { way, entropy, pid, runnerId } = this.#options
    const nonce = entropy(PAIRING_NONCE_BYTES)
    const suites = Uint8Array.of(SUITE)
    const hello = encodeMessage(pid, { kind: 'hello', nonce, suites, from: introductionOf(way) })
    switch (way.method) {
      case 'pin':
        this.#state = { status: 'awaiting-challenge', hello, nonce }
        return { status: 'waiting', send: [hello] }
      case 'qr': {
        const psk = this.#talk.secrets.keep(
          qrPsk(way.oneTimeSecret, { runnerId, code: way.code, reach: way.reach }),
        )
        const prologue = qrPrologue(runnerId, way.code, hello)
        return this.#greet({ reach: way.reach, sign: null }, psk, prologue, nowMs, [hello])
      }
      case 'resume': {
        const prologue = resumePrologue(runnerId, way.appId, hello)
        return this.#greet({ reach: way.reach, sign: null }, way.resumeKey, prologue, nowMs, [hello])
      }
      case 'share': {
        const { shareId, reach, secret } = way
        const psk = this.#talk.secrets.keep(sharePsk(secret, { runnerId, shareId, reach }))
        const prologue = sharePrologue(runnerId, shareId, hello)
        return this.#greet({ reach, sign: null }, psk, prologue, nowMs, [hello])
      }
      case 'fleet': {
        const { reach, secret } = way
        const psk = this.#talk.secrets.keep(fleetPsk(secret, { runnerId, reach }))
        return this.#greet({ reach, sign: null }, psk, fleetPrologue(runnerId, hello), nowMs, [hello])
      }
      default:
        return assertNever(way)
    }
  }

  async #hear(message: HandshakeMessage, bytes: Uint8Array, nowMs: number): Promise<AppStep> {
    const state = this.#state
    if (state.status === 'awaiting-challenge' && message.kind === 'challenge')
      return this.#hearChallenge(state, message, bytes)
    if (state.status === 'awaiting-proof' && message.kind === 'cpaceB')
      return this.#hearProof(state, message, nowMs)
    if (state.status === 'awaiting-grant' && message.kind === 'noise2')
      return this.#hearGrant(state, message.body)
    return this.#talk.end('unexpected')
  }

  #hearChallenge(
    { hello, nonce }: In<'awaiting-challenge'>,
    said: HandshakeMessage & { kind: 'challenge' },
    bytes: Uint8Array,
  ): AppStep {
    const { way, runnerId, pid } = this.#options
    if (said.suite !== SUITE) return this.#talk.end('version')
    const { pinDigits, ttlS, label: runnerLabel } = said
    if (way.method !== 'pin' || pinDigits < PIN_DIGITS_MIN || pinDigits > PIN_DIGITS_MAX)
      return this.#talk.end('malformed')
    const session = concatenated(nonce, said.nonce)
    const meeting = { runnerId, code: way.code, pid }
    const asked = { meeting, hello, challenge: bytes, session, pinDigits, ttlS, runnerLabel }
    this.#state = { status: 'awaiting-pin', asked }
    return pinWanted(asked)
  }

  #answerChallenge({ asked }: In<'awaiting-pin'>, pin: string): AppStep {
    const { key, entropy, pid, way } = this.#options
    if (way.method !== 'pin') return this.#talk.end('unexpected')
    const { scalar, share } = pinShare(asked, this.#talk.secrets.keep(utf8(pin)), entropy, this.#talk.secrets)
    const app = { share, data: appData(key.publicKey, cleanLabel(way.label)) }
    this.#state = { status: 'awaiting-proof', asked, scalar, app }
    return { status: 'waiting', send: [encodeMessage(pid, { kind: 'cpaceA', ...app })] }
  }

  async #hearProof(
    { asked, scalar, app }: In<'awaiting-proof'>,
    theirs: HandshakeMessage & { kind: 'cpaceB' },
    nowMs: number,
  ): Promise<AppStep> {
    const { runnerId } = this.#options
    const runner = readRunnerData(theirs.data, asked.runnerLabel)
    const outcome = pinOutcome({ ...asked, app, runner: theirs }, scalar, theirs.share, this.#talk.secrets)
    if (runner === null || outcome === null) return this.#talk.end('malformed')
    if (!equalInConstantTime(outcome.runnerTag, theirs.tag)) return this.#talk.end('pin-mismatch')
    // An id that looks like a fingerprint must be the one of these keys: no broker passes one runner off as another.
    if (looksLikeFingerprint(runnerId) && runnerFingerprint(runner) !== runnerId)
      return this.#talk.end('not-authentic')
    return this.#greet(runner, outcome.psk, outcome.prologue, nowMs, [], outcome.appTag)
  }

  /** Noise's first message, behind what goes before it: HELLO when there was no CHALLENGE, the tag when there was. */
  async #greet(
    runner: RunnerKeys,
    psk: Uint8Array,
    prologue: Uint8Array,
    nowMs: number,
    before: readonly Uint8Array[],
    tag: Uint8Array = new Uint8Array(0),
  ): Promise<AppStep> {
    const { primitives, entropy, key, pid, capabilities, way } = this.#options
    const noise = new NoiseHandshake({
      aead: primitives.aead,
      role: 'initiator',
      pattern: IK_PSK1,
      prologue,
      psk,
      staticKey: key,
      ephemeralKey: this.#talk.secrets.keep(await ephemeralKey(primitives, entropy)),
      responderStatic: runner.reach,
    })
    this.#talk.secrets.keep(noise)
    const greeted = encodeGreeting({ atMs: nowMs, capabilities })
    const greeting = await noise.write(
      way.method === 'fleet' ? concatenated(greeted, way.certificate) : greeted,
    )
    if (greeting === null) return this.#talk.end('not-authentic')
    this.#state = { status: 'awaiting-grant', noise, runner }
    return {
      status: 'waiting',
      send: [...before, encodeMessage(pid, { kind: 'noise1', body: concatenated(tag, greeting) })],
    }
  }

  async #hearGrant(state: In<'awaiting-grant'>, body: Uint8Array): Promise<AppStep> {
    const payload = await state.noise.read(body)
    const grant = payload && decodeGrant(this.#talk.secrets.keep(payload))
    if (grant === null) return this.#talk.end('not-authentic')
    const secrets = channelSecrets(state.noise.finish())
    this.#talk.finish()
    return { status: 'open', grant, runner: state.runner, secrets, send: [] }
  }
}

function introductionOf(way: WayIn): Introduction {
  switch (way.method) {
    case 'pin':
    case 'qr':
    case 'fleet':
      return { method: way.method, label: cleanLabel(way.label) }
    case 'resume':
      return { method: 'resume', appId: way.appId }
    case 'share':
      return { method: 'share', shareId: way.shareId, label: cleanLabel(way.label) }
    default:
      return assertNever(way)
  }
}

const isPin = (typed: string, digits: number): boolean => /^[0-9]+$/.test(typed) && typed.length === digits

const pinWanted = ({ pinDigits, ttlS, runnerLabel }: Challenged): AppStep => ({
  status: 'pin-wanted',
  pinDigits,
  ttlS,
  runnerLabel: cleanLabel(runnerLabel),
  send: [],
})
