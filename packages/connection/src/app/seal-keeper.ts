import { readTypedCode } from '@latchkey/domain/runner-pairing/code'
import { fromHex } from '@latchkey/protocol/bytes'
import type { ChannelOpening } from '@latchkey/protocol/terminal/channel'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import type { Platform } from '../transport.ts'
import type { GivenPin } from './link.ts'
import type { LinkFacts } from './link-state.ts'
import type { OpeningFailure, PinQuestion } from './sealed-opening.ts'
import type { AppSealing, PairingUrlSecret, SealHandshake, SealRefusal, WayIn } from './sealer.ts'
import { isTypedFirst, type TypedPinStore, typedPinsInMemory } from './typed-pins.ts'

/** A person whose connection is lost while they are asked is asked again so often; each time costs the machine a prompt. */
const PROMPTS_MAX = 3
/** A known machine that cannot prove itself is tried so often before somebody is told. */
const FAILED_PROOFS_MAX = 8

const PID_BYTES = 16

/** What follows a failure: another try at once, one after a while, or none. */
export type AfterFailure = 'now' | 'later' | 'stop'

/** Everything about sealing that outlives one channel of a link: the way in, the question for the PIN, the refusal. */
export class SealKeeper {
  readonly #seal: AppSealing | null
  readonly #platform: Platform
  readonly #label: string
  readonly #changed: () => void
  readonly #typedPins: TypedPinStore
  #runnerId: string | null
  #way: WayIn | null = null
  #question: PinQuestion | null = null
  #sealing: LinkFacts['sealing'] = null
  #prompts = 0
  #failedProofs = 0
  #isKnown = false
  #cannotSeal = false

  constructor(seal: AppSealing | null, platform: Platform, label: string, changed: () => void) {
    this.#seal = seal
    this.#platform = platform
    this.#label = label
    this.#changed = changed
    this.#runnerId = seal?.runnerId ?? null
    this.#typedPins = seal?.typedPins ?? typedPinsInMemory()
  }

  get facts(): LinkFacts['sealing'] {
    return this.#sealing
  }

  /**
   * By its key alone, without a code or a pairing URL. Only such a handshake may go with the ticket: with which code a pairing was
   * made, the broker tells the machine by another connection, and an early message overtakes that.
   */
  get comesBack(): boolean {
    return this.#way === null
  }

  /** A pairing by code, or by a pairing URL, has begun. */
  pairing(runnerId: string, typed: string, secret: PairingUrlSecret | null): void {
    this.#runnerId = runnerId
    const [code = typed] = readTypedCode(typed)
    this.#way =
      secret === null ? { by: 'code', code, asNew: false } : { by: 'link', code, secret, asNew: false }
    this.#prompts = 0
    this.#failedProofs = 0
    this.#cannotSeal = false
    this.again()
  }

  /** This app returns to a machine by its key, without code or pairing URL: the broker may not lead it to another one. */
  returning(runnerId: string): void {
    this.#runnerId = runnerId
  }

  /** The machine takes this app back no more, by the broker's word: its key is kept, and is tried again when wanted. */
  turnedAway(): void {
    this.#stop('revoked')
  }

  /** A refusal is not the last word any more. */
  again(): void {
    if (this.#sealing?.status === 'refused') this.#sealing = null
  }

  givePin(pin: string): GivenPin {
    if (this.#question === null) return 'not-asked'
    if (!isTypedFirst(this.#typedPins, pin, this.#platform.nowMs())) return 'typed-before'
    this.#question.give(pin)
    return 'given'
  }

  cancelPin(): void {
    this.#question?.cancel()
  }

  /** As `Sealer.pairingName`; null where this app comes with a code or a pairing URL. */
  async pairingName(runnerId: string): Promise<string | null> {
    return this.comesBack ? ((await this.#seal?.sealer.pairingName(runnerId)) ?? null) : null
  }

  /** How the channel that the broker has just opened is sealed. `takesCredential`: its ticket said so, or it took one. */
  async handshake(
    { runnerId, pid: pidHex }: Pick<ChannelOpening, 'runnerId' | 'pid'>,
    takesCredential = false,
  ): Promise<SealHandshake | 'unsealed' | SealRefusal> {
    const seal = this.#seal
    if (seal === null) return 'unsealed'
    // The broker says where it has led this app. Another machine than the wanted one is refused.
    if (this.#runnerId !== null && this.#runnerId !== runnerId) return 'runner-changed'
    this.#isKnown = await seal.sealer.knows(runnerId)
    const way = this.#way
    if (!this.#isKnown) {
      if (way === null) return seal.allowUnsealed ? 'unsealed' : 'no-key'
      if (this.#cannotSeal) return 'unsealed'
    }
    const pid = fromHex(pidHex)
    return pid?.length !== PID_BYTES
      ? 'not-authentic'
      : seal.sealer.handshake({ runnerId, pid, takesCredential, way, label: this.#label })
  }

  asked(question: PinQuestion | null): void {
    this.#question = question
    if (question === null) {
      if (this.#sealing?.status === 'pin-wanted') this.#sealing = null
    } else {
      this.#prompts += 1
      this.#sealing = {
        status: 'pin-wanted',
        machine: question.machine,
        digits: question.digits,
        expiresAtMs: this.#platform.nowMs() + question.withinMs,
        attempt: this.#prompts,
      }
    }
    this.#changed()
  }

  opened(): void {
    this.#way = null
    this.#sealing = null
    this.#failedProofs = 0
  }

  failed(failure: OpeningFailure): AfterFailure {
    return failure.why === 'refused' ? this.#refused(failure.refusal) : this.#ended(failure)
  }

  #refused(refusal: SealRefusal): AfterFailure {
    const way = this.#way
    const returned = this.#isKnown && way?.asNew !== true
    // The machine refuses this app's key or has forgotten it, and a person has just typed its code or opened its pairing URL.
    // By that the app comes in as a new one, if the person can read the machine's screen.
    if (refusal === 'revoked' && way !== null && !way.asNew) {
      this.#way = { ...way, asNew: true }
      return 'now'
    }
    // A proof that failed may be a relay's doing, and so may most refusals: the next handshake is another one.
    if (returned && PASSING.has(refusal) && ++this.#failedProofs < FAILED_PROOFS_MAX) return 'later'
    return this.#stop(refusal)
  }

  #ended({ end, answered }: OpeningFailure & { readonly why: 'ended' }): AfterFailure {
    const way = this.#way
    const mayBeForeign = !this.#isKnown && !answered && end === CloseReason.malformed && way !== null
    if (mayBeForeign) {
      if (this.#seal?.allowUnsealed !== true || way.by !== 'code') return this.#stop('cannot-seal')
      this.#cannotSeal = true
      return 'now'
    }
    if (answered && this.#prompts >= PROMPTS_MAX) return this.#stop('given-up')
    return 'later'
  }

  #stop(refusal: SealRefusal): AfterFailure {
    this.#failedProofs = 0
    this.#sealing = { status: 'refused', refusal }
    return 'stop'
  }
}

const PASSING: ReadonlySet<SealRefusal> = new Set<SealRefusal>([
  'not-authentic',
  'busy',
  'locked',
  'window-closed',
  'expired',
])
