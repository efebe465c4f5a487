import { banLeft, recordFailure, secondsLeft } from '@latchkey/domain/limits/attempts'
import { failuresWithin } from '@latchkey/domain/limits/budget'
import { appSubjects } from '@latchkey/domain/limits/subjects'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { Inject, Injectable } from '@nestjs/common'
import { PAIRING_RULES, PAIRING_STORE } from '../wiring.ts'

/** The founding view of one app session's budget. */
export interface RateLimitEntry {
  readonly appSessionId: string
  /** failures that still count */
  readonly attempts: number
  /** milliseconds since the epoch; null while not banned */
  readonly bannedUntil: number | null
}

/**
 * Failed attempts and the bans that follow, one step at a time; `app:pair` charges, checks and refunds in one step of its own.
 * Without an address only the session, and the budget that everybody unknown shares, are looked at.
 */
@Injectable()
export class RateLimitService {
  readonly #store: PairingStore
  readonly #rules: PairingRules

  constructor(@Inject(PAIRING_STORE) store: PairingStore, @Inject(PAIRING_RULES) rules: PairingRules) {
    this.#store = store
    this.#rules = rules
  }

  /** Charges one failure. Answers with the seconds of the ban that it started, 0 if none. */
  async recordFailedAttempt(appSessionId: string, address = ''): Promise<number> {
    const { keys, decide } = recordFailure(appSubjects(appSessionId, address), this.#rules.limits)
    return secondsLeft((await this.#store.transaction(keys, decide)).bannedMs)
  }

  /** Seconds until the session may try again, 0 for now. */
  async remainingBanTime(appSessionId: string, address = ''): Promise<number> {
    const { keys, decide } = banLeft(appSubjects(appSessionId, address))
    return secondsLeft(await this.#store.transaction(keys, decide))
  }

  async isBanned(appSessionId: string, address = ''): Promise<boolean> {
    return (await this.remainingBanTime(appSessionId, address)) > 0
  }

  /** What stands against a session; null when nothing does. */
  async getEntry(appSessionId: string): Promise<RateLimitEntry | null> {
    const { self } = appSubjects(appSessionId, '')
    const rule = this.#rules.limits.session
    return this.#store.transaction([{ kind: 'budget', id: self }], (view, now) => {
      const budget = view.get('budget', self)
      const attempts = failuresWithin(budget, rule, now)
      const bannedUntil = budget?.bannedUntil != null && now < budget.bannedUntil ? budget.bannedUntil : null
      const answer = attempts === 0 && bannedUntil === null ? null : { appSessionId, attempts, bannedUntil }
      return { writes: [], answer }
    })
  }
}
