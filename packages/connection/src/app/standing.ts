import { fractionOf } from '../backoff.ts'
import { type Observable, subject } from '../observable.ts'
import type { Cancel, Platform } from '../transport.ts'
import type { Pairing, PairingStatus, Refusal } from './link.ts'
import type { LinkEvents } from './link-events.ts'
import type { LinkFacts } from './link-state.ts'

const FIRST_AGAIN_MS = 1_000
/** A machine may be off for days: a broker is asked once a minute at most. */
const AGAIN_MS_MAX = 60_000

export interface StandingOptions {
  readonly platform: Pick<Platform, 'after' | 'randomBytes'>
  readonly ask: () => Promise<PairingStatus | Refusal>
  readonly events: Pick<LinkEvents, 'statusTold'>
  /** the broker is reached, so that asking makes sense */
  readonly isUp: () => boolean
}

/**
 * How this app stands with its machine, as the broker knows it: its last word, and when to ask again. The broker is asked
 * when it is reached, and again while the machine is away. Facts say the same sooner, but each comes once at most: a broker
 * that dies tells nothing, and a fact that overtakes an answer must not be undone by it.
 */
export class Standing {
  readonly #options: StandingOptions
  readonly #pairing = subject<Pairing | null>(null)
  #paired: LinkFacts['pairing'] = 'unknown'
  #machine: LinkFacts['machine'] = { status: 'online' }
  /** how often it was asked in vain since it was settled */
  #timesAgain = 0
  /** grows with each fact that was heard */
  #facts = 0
  #waiting: Cancel = () => {}

  constructor(options: StandingOptions) {
    this.#options = options
  }

  get pairing(): Observable<Pairing | null> {
    return this.#pairing
  }

  get paired(): LinkFacts['pairing'] {
    return this.#paired
  }

  get machine(): LinkFacts['machine'] {
    return this.#machine
  }

  /** Whether a channel to the machine makes sense. */
  get isReachable(): boolean {
    return this.#paired === 'paired' && this.#machine.status === 'online'
  }

  pairedWith({ runnerId, runnerLabel }: Pick<PairingStatus, 'runnerId' | 'runnerLabel'>): void {
    this.#paired = 'paired'
    this.#pairing.set({ runnerId: runnerId ?? '', runnerLabel: runnerLabel ?? '' })
  }

  /** Answers whether there was a pairing. */
  unpaired(): boolean {
    const was = this.#paired === 'paired'
    this.#paired = 'none'
    this.#machine = { status: 'online' }
    this.#pairing.set(null)
    return was
  }

  online(): void {
    this.#machine = { status: 'online' }
  }

  /** Said more than once, the first moment and the newest details count. */
  offline(at: {
    readonly sinceMs: number
    readonly untilMs: number | null
    readonly lastSeenAtMs: number | null
  }): void {
    const before = this.#machine
    this.#machine =
      before.status === 'online'
        ? { status: 'offline', ...at }
        : {
            status: 'offline',
            sinceMs: before.sinceMs,
            untilMs: at.untilMs ?? before.untilMs,
            lastSeenAtMs: at.lastSeenAtMs ?? before.lastSeenAtMs,
          }
  }

  async ask(): Promise<PairingStatus | Refusal> {
    this.#waiting()
    const factsBefore = this.#facts
    const answer = await this.#options.ask()
    if (!answer.success) {
      if (this.#options.isUp()) this.#again()
      return answer
    }
    const isOutdated = factsBefore !== this.#facts
    if (!isOutdated) this.#options.events.statusTold(answer)
    if (isOutdated || (answer.paired && answer.runnerOnline === false)) this.#again()
    else this.settled()
    return answer
  }

  /** Something newer than any answer that is under way. `away`: the machine is, and may be back. */
  heard({ away }: { readonly away: boolean }): void {
    this.#facts += 1
    if (away) this.#again()
    else this.settled()
  }

  /** The present standing holds until the broker says otherwise. */
  settled(): void {
    this.#waiting()
    this.#timesAgain = 0
  }

  #again(): void {
    this.#waiting()
    const { platform } = this.#options
    const upToMs = Math.min(AGAIN_MS_MAX, FIRST_AGAIN_MS * 2 ** Math.min(this.#timesAgain, 16))
    this.#timesAgain += 1
    const delayMs = Math.floor(upToMs * (0.5 + fractionOf(platform.randomBytes(4)) / 2))
    this.#waiting = platform.after(delayMs, () => void this.ask())
  }
}
