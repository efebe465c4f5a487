import { type AttemptBudget, banLeftMs } from '@latchkey/domain/limits/budget'
import { guessing } from '@latchkey/domain/runner-pairing/attempts'
import { type LiftedBan, liftBans, subjectsNamed } from '@latchkey/domain/runner-pairing/lift-ban'
import type { PairingStore } from '@latchkey/domain/runner-pairing/ports'
import type { PairingRules } from '@latchkey/domain/runner-pairing/rules'
import type { BanView, LiftRequest, LimitsView } from '@latchkey/protocol/limits'
import type { LimitsWatch } from './limits-watch.ts'

const BANS_SHOWN_MAX = 100

/** So many records are named by one transaction. */
const LIFTED_TOGETHER_MAX = 100

/** Looking through all budgets is work, most of all while many guess: bans are looked for this seldom. */
const BANS_EVERY_MS = 2_000

const KINDS: readonly BanView['kind'][] = ['session', 'runner', 'secret', 'newcomers', 'address', 'prefix']

interface Parts {
  readonly store: PairingStore
  readonly rules: PairingRules
  readonly watch: LimitsWatch
}

/** What guessing there is, for the console. */
export class LimitsDesk {
  #bans: { readonly lookedAtMs: number; readonly found: Promise<readonly BanView[]> } | null = null

  constructor(private readonly parts: Parts) {}

  async view(): Promise<LimitsView> {
    const { limits } = this.parts.rules
    const { keys, decide } = guessing(limits)
    const [{ failures, breakerUntil }, bans] = await Promise.all([
      this.parts.store.run({ keys, decide }),
      this.#lookForBans(),
    ])
    return {
      failuresLastMinute: failures,
      alarmAt: limits.alarmAtFailure,
      breakerAt: limits.broker.bansAtFailure,
      alarmRangAt: this.parts.watch.alarmRangAt,
      breakerUntil,
      bans: bans.slice(0, BANS_SHOWN_MAX),
      bansInAll: bans.length,
    }
  }

  /** All bans, as they are now: the longest first. */
  bans(): Promise<readonly BanView[]> {
    return this.#findBans()
  }

  /** Takes back the bans of one subject, or all. Answers with those that were lifted. */
  async lift(wanted: LiftRequest): Promise<readonly BanView[]> {
    const subjects = 'all' in wanted ? await this.#banned() : subjectsNamed(wanted.subject)
    const lifted: LiftedBan[] = []
    for (let from = 0; from < subjects.length; from += LIFTED_TOGETHER_MAX) {
      lifted.push(...(await this.parts.store.run(liftBans(subjects.slice(from, from + LIFTED_TOGETHER_MAX)))))
    }
    this.#bans = null
    for (const { subject } of lifted) this.parts.watch.lifted(subject)
    return lifted.flatMap(banView)
  }

  /** Consoles that look at the same time look once. */
  #lookForBans(): Promise<readonly BanView[]> {
    const nowMs = performance.now()
    if (this.#bans === null || nowMs - this.#bans.lookedAtMs >= BANS_EVERY_MS) {
      const found = this.#findBans()
      this.#bans = { lookedAtMs: nowMs, found }
      found.catch(() => {
        this.#bans = null
      })
    }
    return this.#bans.found
  }

  async #findBans(): Promise<readonly BanView[]> {
    return (await this.#bannedBudgets()).flatMap(banView).sort((a, b) => b.until - a.until)
  }

  async #banned(): Promise<readonly string[]> {
    return (await this.#bannedBudgets()).flatMap(({ subject }) => subject ?? [])
  }

  async #bannedBudgets(): Promise<readonly AttemptBudget[]> {
    const budgets = await this.parts.store.list('budget')
    const now = await this.parts.store.run({ keys: [], decide: (_view, at) => ({ writes: [], answer: at }) })
    return budgets.filter((budget) => banLeftMs(budget, now) > 0)
  }
}

/** Nothing for the breaker, which is shown as such, and for a budget of an older release, which does not say whose it is. */
function banView({
  subject = '',
  bannedUntil,
}: Pick<AttemptBudget, 'subject' | 'bannedUntil'>): readonly BanView[] {
  const at = subject.indexOf(':')
  const kind = KINDS.find((known) => known === subject.slice(0, at))
  if (kind === undefined || bannedUntil === null) return []
  // Of some kinds an address is a part: `secret:address:192.0.2.7`.
  return [{ kind, subject: subject.slice(at + 1).replace(/^address:/, ''), until: bannedUntil }]
}
