import type { Instant } from '../kernel.ts'
import type { Account, AccountMachine } from './account.ts'
import type { AccountEffect } from './effects.ts'
import type { AccountRules } from './rules.ts'

/** The moment, the rules, and one uniform random number in [0, 1) for what needs jitter. */
export interface Circumstances {
  readonly now: Instant
  readonly rules: AccountRules
  readonly chance: number
}

/** Where an account stands after an input, and what the shell has to do. */
export interface Step {
  readonly machine: AccountMachine
  readonly effects: readonly AccountEffect[]
}

/** The input means nothing here: no change and no effect. */
export const stay = (machine: AccountMachine): Step => ({ machine, effects: [] })

/** The machine with another link, and what follows from that. */
export const at = (
  machine: AccountMachine,
  account: Account,
  effects: readonly AccountEffect[] = [],
): Step => ({
  machine: { ...machine, account },
  effects,
})

/** The machine with another link, and a new connection that logs in. */
export function openLinked(machine: AccountMachine, account: Account): Step {
  const generation = machine.generation + 1
  return {
    machine: { ...machine, generation, account },
    effects: [{ do: 'open', generation, as: 'linked', method: null }],
  }
}

/** The same step with these effects before its own. */
export const after = (effects: readonly AccountEffect[], next: Step): Step => ({
  machine: next.machine,
  effects: [...effects, ...next.effects],
})
