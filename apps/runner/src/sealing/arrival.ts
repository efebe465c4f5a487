import type { ChannelListener, RunnerChannel } from '@latchkey/connection/runner/terminal-plane'
import { assertNever } from '@latchkey/domain/kernel'
import type { HandshakeRefusal, Method } from '@latchkey/e2ee/handshake'
import type { RunnerStep } from '@latchkey/e2ee/runner-steps'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { Stream } from '@latchkey/protocol/terminal/streams'
import type { AppChannel } from '../channel/app-channel.ts'
import { type Guest, openEnvelope } from '../channel/guest.ts'
import type { AdmittedApp, TrackedHandshake } from './admitted-app.ts'
import { sealedEnvelope } from './app-envelope.ts'
import type { Doorkeeper } from './doorkeeper.ts'
import type { PlainApp } from './plain-apps.ts'
import { answersToPings, type PlainRefusal, plainRefusal } from './plain-talk.ts'
import type { Visitor } from './prompt.ts'
import type { PromptOutcome } from './sealing-events.ts'

export interface ArrivalOptions {
  readonly door: Doorkeeper
  /** whether it may speak plainly: allowed here, and not known to seal */
  readonly mayBePlain: (appSessionId: string) => boolean
  readonly nowMs: () => number
  /** lets it in; from then on everything is the app channel's */
  readonly serve: (channel: RunnerChannel, guest: Guest) => AppChannel
  readonly onSealed: (channel: RunnerChannel, admitted: AdmittedApp, method: Method) => void
  readonly onTrouble: (problem: unknown) => void
  /** it has ended before anybody was let in */
  readonly onGone: (arrival: Arrival) => void
}

/** An app that has a channel says something at once, unless its person is typing a PIN. */
const FIRST_WORD_WITHIN_MS = 30_000
/** What no person has to read is said and proved in this time; while a PIN is asked for, the prompt has its own. */
const PROOF_WITHIN_MS = 10_000
/** So many tries on one channel: a wrong PIN, another one. */
const HANDSHAKES_MAX = 8
const HANDSHAKE_VERSION = 1
const HELLO = 1
const LAST_HANDSHAKE_KIND = 7

/** An app that waits for its owner's yes says hello, what it watches, and that it is there: far less than this. */
const KNOCKING_PAYLOADS_MAX = 256

type State =
  | { readonly status: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly status: 'asking'; readonly asked: TrackedHandshake; readonly timer: NodeJS.Timeout }
  /** it cannot seal, and its owner is asked; what it says meanwhile waits */
  | { readonly status: 'knocking'; readonly unheard: Uint8Array[] }
  | { readonly status: 'in'; readonly app: AppChannel }
  | { readonly status: 'over' }

/** A channel before it is known whose it is: sealed by a handshake, plain if that is allowed, or turned away. */
export class Arrival implements ChannelListener, Visitor {
  readonly label: string
  readonly address: string
  readonly #channel: RunnerChannel
  readonly #options: ArrivalOptions
  /** how the broker knows it */
  readonly #session: string
  #state: State
  #handshakes = 0
  #paused = false

  constructor(channel: RunnerChannel, options: ArrivalOptions) {
    this.#channel = channel
    this.#options = options
    this.#session = channel.opening.appSessionId ?? channel.opening.pid
    this.label = channel.opening.label ?? ''
    this.address = channel.opening.address ?? ''
    this.#state = this.#waiting()
  }

  onEnvelope(payload: Uint8Array): void {
    switch (this.#state.status) {
      case 'in':
        return this.#state.app.onEnvelope(payload)
      case 'asking':
        return this.#hear(this.#state.asked, payload)
      case 'waiting':
        return this.#hearFirst(payload)
      case 'knocking':
        return this.#hearKnocking(this.#state.unheard, payload)
      case 'over':
        return
      default:
        return assertNever(this.#state)
    }
  }

  onPaused(paused: boolean): void {
    this.#paused = paused
    if (this.#state.status === 'in') this.#state.app.onPaused(paused)
  }

  onEnd(): void {
    if (this.#state.status === 'in') return this.#state.app.onEnd()
    this.#over('gone')
  }

  /** The person or a limit says no to the handshake that is under way. */
  refuse(reason: 'expired' | 'locked'): void {
    if (this.#state.status === 'knocking') return this.#refusePlain(reason)
    if (this.#state.status !== 'asking') return
    const { asked } = this.#state
    void asked.handshake.refuse(reason).then((step) => this.#take(asked, step))
  }

  close(reason: CloseReason): void {
    if (this.#state.status === 'in') return this.#state.app.close(reason)
    if (this.#state.status === 'over') return
    this.#channel.close(reason)
    this.#over('refused')
  }

  #hearFirst(payload: Uint8Array): void {
    const [version, kind = 0] = payload
    if (version === Stream.control) return this.#plain(payload)
    if (version !== HANDSHAKE_VERSION || kind === 0 || kind > LAST_HANDSHAKE_KIND)
      return this.close(CloseReason.malformed)
    // What an app had sent before it heard that its attempt was over.
    if (kind !== HELLO && this.#handshakes > 0) return
    if (++this.#handshakes > HANDSHAKES_MAX) return this.close(CloseReason.malformed)
    this.#stopTimer()
    const asked = this.#options.door.handshake(this.#channel.opening, this)
    const timer = setTimeout(() => this.refuse('expired'), PROOF_WITHIN_MS)
    this.#state = { status: 'asking', asked, timer }
    this.#hear(asked, payload)
  }

  get accept(): ((viewOnly: boolean) => void) | null {
    return this.#state.status === 'knocking' ? (viewOnly) => this.#acceptPlain(viewOnly) : null
  }

  #plain(payload: Uint8Array): void {
    const { door, mayBePlain } = this.#options
    if (!mayBePlain(this.#session)) return this.#refusePlain('not-allowed')
    const known = door.plainApp(this.#session)
    if (known === 'turned-away') return this.#refusePlain(known)
    if (known !== null) return this.#enterPlain(known, [payload])
    this.#stopTimer()
    this.#state = { status: 'knocking', unheard: [] }
    this.#hearKnocking(this.#state.unheard, payload)
    const refusal = door.ask(this)
    if (refusal !== null) return this.#refusePlain(refusal)
    door.showPlain(this).catch((problem: unknown) => this.#failed(problem))
  }

  #hearKnocking(unheard: Uint8Array[], payload: Uint8Array): void {
    if (unheard.length >= KNOCKING_PAYLOADS_MAX) return this.close(CloseReason.malformed)
    unheard.push(Uint8Array.from(payload))
    this.#send(answersToPings(payload))
  }

  /** Its owner says yes. */
  #acceptPlain(viewOnly: boolean): void {
    if (this.#state.status !== 'knocking') return
    const { unheard } = this.#state
    const app = this.#options.door.letPlainIn(this, this.#session, viewOnly)
    this.#options.door.leave(this, 'accepted')
    this.#enterPlain(app, unheard)
  }

  #enterPlain({ app: appId, label, mayType, createdAt }: PlainApp, unheard: readonly Uint8Array[]): void {
    const app = this.#enter({
      envelope: openEnvelope,
      handle: this.#session,
      appId,
      sealed: false,
      label,
      mayType,
      mayApprove: mayType,
      maySend: mayType,
      knownSinceMs: createdAt,
      only: null,
    })
    for (const payload of unheard) app.onEnvelope(payload)
  }

  #refusePlain(why: PlainRefusal): void {
    this.#channel.send(plainRefusal(why))
    this.#channel.close(CloseReason.malformed)
    this.#over(why === 'expired' ? 'expired' : 'refused')
  }

  #hear(asked: TrackedHandshake, payload: Uint8Array): void {
    void asked.handshake
      .hear(payload, this.#options.nowMs())
      .then((step) => this.#take(asked, step))
      .catch((problem: unknown) => this.#failed(problem))
  }

  /** Takes one step of the handshake further; one that is no longer this channel's says nothing any more. */
  async #take(asked: TrackedHandshake, step: RunnerStep): Promise<void> {
    if (this.#state.status !== 'asking' || this.#state.asked !== asked) return
    const { door } = this.#options
    switch (step.status) {
      case 'waiting':
      case 'ignored':
        break
      case 'pin-asked':
        this.#stopTimer()
        await door.show(this, step.pin, step.label)
        break
      case 'pin-burnt':
        await door.burn(this)
        break
      case 'cloned':
        this.#again('refused')
        await door.cloned(step.appId)
        break
      case 'ended':
        this.#again(outcomeOf(step.refusal))
        break
      case 'proved':
        this.#stopTimer()
        return this.#admit(asked, step.app)
      case 'open':
        throw new Error('invariant: only a grant opens')
      default:
        return assertNever(step)
    }
    this.#send(step.send)
  }

  async #admit(
    asked: TrackedHandshake,
    app: Extract<RunnerStep, { status: 'proved' }>['app'],
  ): Promise<void> {
    const { door, onSealed } = this.#options
    const admitted = await door.grant(app, asked)
    if (typeof admitted === 'string') return this.#take(asked, await asked.handshake.refuse(admitted))
    const step = await asked.handshake.grant(admitted.grant)
    // An app that was revoked meanwhile is not admitted.
    if (step.status !== 'open') return this.#take(asked, step)
    if (this.#state.status !== 'asking') return
    const { record, rights, only } = admitted
    if (!door.isWelcome(record.appId)) return this.close(CloseReason.unpaired)
    this.#send(step.send)
    door.leave(this, 'sealed')
    onSealed(this.#channel, admitted, app.method)
    this.#enter({
      envelope: sealedEnvelope(step.secrets, () => performance.now()),
      handle: record.appId,
      appId: record.appId,
      sealed: true,
      label: record.label,
      mayType: rights.type,
      mayApprove: rights.approve,
      maySend: rights.send,
      knownSinceMs: record.createdAtMs,
      only,
    })
  }

  #enter(guest: Guest): AppChannel {
    this.#stopTimer()
    const app = this.#options.serve(this.#channel, guest)
    app.onPaused(this.#paused)
    this.#state = { status: 'in', app }
    return app
  }

  /** The handshake is over, the channel is not: another one may follow. */
  #again(outcome: PromptOutcome): void {
    this.#stopTimer()
    this.#state = this.#waiting()
    this.#options.door.leave(this, outcome)
  }

  #stopTimer(): void {
    if (this.#state.status === 'waiting' || this.#state.status === 'asking') clearTimeout(this.#state.timer)
  }

  #waiting(): State {
    const timer = setTimeout(() => this.close(CloseReason.malformed), FIRST_WORD_WITHIN_MS)
    return { status: 'waiting', timer }
  }

  #failed(problem: unknown): void {
    this.#options.onTrouble(problem)
    this.close(CloseReason.restarting)
  }

  #over(outcome: PromptOutcome): void {
    const state = this.#state
    if (state.status === 'over') return
    this.#stopTimer()
    this.#state = { status: 'over' }
    if (state.status === 'asking') void state.asked.handshake.refuse('expired')
    this.#options.door.leave(this, outcome)
    this.#options.onGone(this)
  }

  #send(messages: readonly Uint8Array[]): void {
    for (const message of messages) this.#channel.send(message)
  }
}

function outcomeOf(refusal: HandshakeRefusal): PromptOutcome {
  if (refusal === 'expired') return 'expired'
  return refusal === 'pin-mismatch' ? 'wrong' : 'refused'
}
