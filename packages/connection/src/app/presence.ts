import type { Observable } from '../observable.ts'
import { subject } from '../observable.ts'
import type { Pairing, PairingStatus } from './link.ts'
import type { LinkFacts } from './link-state.ts'

/** What the broker said about this app's pairing and its machine. */
export class Presence {
  readonly #pairing = subject<Pairing | null>(null)
  #paired: LinkFacts['pairing'] = 'unknown'
  #machine: LinkFacts['machine'] = { status: 'online' }

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
}
