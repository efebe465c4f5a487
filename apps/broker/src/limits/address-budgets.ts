import { BoundedMap } from '@latchkey/domain/bounded'
import { instant } from '@latchkey/domain/kernel'
import { type AttemptBudget, type BudgetRule, banLeftMs, charge } from '@latchkey/domain/limits/budget'
import { addressSubject } from '@latchkey/domain/limits/subjects'

const ADDRESSES_MAX = 10_000

/**
 * Failures by IPv4 address or IPv6 /64, in this process's memory. For secrets that are hopeless to guess: it keeps the load of the
 * tries away from other clients.
 */
export class AddressBudgets {
  readonly #rule: BudgetRule
  readonly #clock: () => number
  readonly #budgets = new BoundedMap<string, AttemptBudget>(ADDRESSES_MAX)

  /** @param clock milliseconds since the epoch */
  constructor(rule: BudgetRule, clock: () => number) {
    this.#rule = rule
    this.#clock = clock
  }

  charge(address: string): void {
    const subject = addressSubject(address)
    const budget = charge(this.#budgets.get(subject), this.#rule, instant(this.#clock()))
    this.#budgets.renew(subject, budget)
  }

  banLeftMs(address: string): number {
    return banLeftMs(this.#budgets.get(addressSubject(address)), instant(this.#clock()))
  }
}
