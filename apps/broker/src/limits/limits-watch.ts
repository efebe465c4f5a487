import type { Charged } from '@latchkey/domain/runner-pairing/attempts'
import type { Log } from '../log/log.ts'
import type { ChangeSignal } from '../shell/change-signal.ts'

/** The target of a guess: a typed code or a shown ticket, a code proposed by a runner, a secret. */
export type Guessed = 'code' | 'proposal' | 'secret'

/** The source of a guess, as far as the log may say. */
export interface Guesser {
  readonly address: string
  readonly appSessionId?: string
  readonly runnerId?: string
}

/** What this process has seen since it started. Each only grows. */
export interface LimitCounts {
  /** wrong guesses, each charged */
  readonly failures: Readonly<Record<Guessed, number>>
  /** bans that began */
  readonly bans: number
  /** attempts that a ban held off, unjudged */
  readonly heldOff: number
  readonly alarms: number
  /** how often the breaker opened */
  readonly breaks: number
  /** codes that too many had found, which their runners were asked to change */
  readonly knownCodes: number
}

interface Parts {
  readonly log: Log
  readonly clock: () => number
  readonly changes: ChangeSignal
}

/** Hears of every failed guess, writes of it in the log what an operator has to know, and counts. Decides nothing. */
export class LimitsWatch {
  readonly #failures: Record<Guessed, number> = { code: 0, proposal: 0, secret: 0 }
  #bans = 0
  #heldOff = 0
  #alarms = 0
  #breaks = 0
  #knownCodes = 0
  #alarmRangAt: number | null = null
  /** called with the reason at each alarm */
  onAlarm: (reason: string) => void = () => {}

  constructor(private readonly parts: Parts) {}

  get counts(): LimitCounts {
    return {
      failures: { ...this.#failures },
      bans: this.#bans,
      heldOff: this.#heldOff,
      alarms: this.#alarms,
      breaks: this.#breaks,
      knownCodes: this.#knownCodes,
    }
  }

  /** When this process rang the alarm last, milliseconds since the epoch; null if never. */
  get alarmRangAt(): number | null {
    return this.#alarmRangAt
  }

  /** A wrong guess has been charged. */
  failed(what: Guessed, by: Guesser, charged: Omit<Charged, 'writes'>): void {
    this.#failures[what]++
    if (what === 'secret') this.parts.log.warn('limits.wrong-secret', by)
    if (charged.bannedMs > 0) {
      this.#bans++
      this.parts.log.warn('limits.banned', { ...by, ms: charged.bannedMs })
    }
    if (charged.alarm) this.#ring('as many wrong guesses within a minute as are worth a look', {})
    // An honest runner never meets a code that somebody has: the odds are one in a thousand million.
    if (what === 'proposal') this.#ring('a runner proposed a code that another one has', by)
    if (charged.breaker) {
      this.#breaks++
      this.parts.log.error('limits.breaker-open', {
        reason: 'typed codes are refused; links and known apps go on',
      })
    }
    this.parts.changes.notify()
  }

  #ring(reason: string, by: Partial<Guesser>): void {
    this.#alarms++
    this.#alarmRangAt = Math.floor(this.parts.clock())
    this.parts.log.error('limits.alarm', { ...by, reason })
    this.onAlarm(reason)
  }

  /** An attempt was not judged: its source is banned. */
  heldOff(): void {
    this.#heldOff++
  }

  /** The operator took a ban back. */
  lifted(subject: string): void {
    const id = subject.slice(subject.indexOf(':') + 1)
    const whose = subject.startsWith('session:')
      ? { appSessionId: id }
      : subject.startsWith('runner:')
        ? { runnerId: id }
        : { address: id.replace(/^address:/, '') }
    this.parts.log.warn('limits.lifted', { ...whose, reason: 'the operator took the ban back' })
    this.parts.changes.notify()
  }

  /** A code was found by too many apps that got no further. */
  codeIsKnown(runnerId: string): void {
    this.#knownCodes++
    this.parts.log.warn('limits.code-known', { runnerId })
  }
}
