import { failuresWithin, secondsLeft } from '@latchkey/domain/limits/budget'
import { appSubjects, sessionSubject } from '@latchkey/domain/limits/subjects'
import {
  banLeft,
  recordFailure,
  recordSessionFailure,
  sessionBanLeft,
} from '@latchkey/domain/runner-pairing/attempts'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import { Inject, Injectable } from '@nestjs/common'
import { appOf } from '../shell/founding-ids.ts'
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
 * Called with the session alone, it looks at that session's budget and at no other: what other sessions did says nothing about
 * this one. With the address as well, a failure also counts for the address, its network and the whole broker, as it does there.
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
  async recordFailedAttempt(appSessionId: string, address?: string): Promise<number> {
    const { limits } = this.#rules
    const session = appOf(appSessionId)
    if (!address)
      return secondsLeft(await this.#store.run(recordSessionFailure(sessionSubject(session), limits)))
    return secondsLeft((await this.#store.run(recordFailure(appSubjects(session, address), limits))).bannedMs)
  }

  /** Seconds until the session may try again, 0 for now. */
  async remainingBanTime(appSessionId: string, address?: string): Promise<number> {
    const session = appOf(appSessionId)
    const left = address ? banLeft(appSubjects(session, address)) : sessionBanLeft(sessionSubject(session))
    return secondsLeft(await this.#store.run(left))
  }

  async isBanned(appSessionId: string, address?: string): Promise<boolean> {
    return (await this.remainingBanTime(appSessionId, address)) > 0
  }

  /** What stands against a session; null when nothing does. */
  async getEntry(appSessionId: string): Promise<RateLimitEntry | null> {
    const { self } = sessionSubject(appOf(appSessionId))
    const rule = this.#rules.limits.session
    return this.#store.run({
      keys: [{ kind: 'budget', id: self }],
      decide: (view, now) => {
        const budget = view.get('budget', self)
        const attempts = failuresWithin(budget, rule, now)
        const bannedUntil =
          budget?.bannedUntil != null && now < budget.bannedUntil ? budget.bannedUntil : null
        const answer = attempts === 0 && bannedUntil === null ? null : { appSessionId, attempts, bannedUntil }
        return { writes: [], answer }
      },
    })
  }
}
