import type { Instant } from '../kernel.ts'
import type { LinkEffect } from './effects.ts'
import type { Link, LinkMachine } from './link.ts'
import type { LinkRules } from './rules.ts'

/** The moment, the rules, and one uniform random number in [0, 1) for what needs jitter. */
export interface Circumstances {
  readonly now: Instant
  readonly rules: LinkRules
  readonly chance: number
}

/** Where a link stands after an input, and what the shell has to do. */
export interface Step {
  readonly machine: LinkMachine
  readonly effects: readonly LinkEffect[]
}

/** The input means nothing here: no change and no effect. */
export const stay = (machine: LinkMachine): Step => ({ machine, effects: [] })

/** The machine with another link, and what follows from that. */
export const at = (machine: LinkMachine, link: Link, effects: readonly LinkEffect[] = []): Step => ({
  machine: { ...machine, link },
  effects,
})

/** The machine with another link, and a new connection that logs in. */
export function openLinked(machine: LinkMachine, link: Link): Step {
  const generation = machine.generation + 1
  return {
    machine: { ...machine, generation, link },
    effects: [{ do: 'open', generation, as: 'linked', method: null }],
  }
}

/** The same step with these effects before its own. */
export const after = (effects: readonly LinkEffect[], next: Step): Step => ({
  machine: next.machine,
  effects: [...effects, ...next.effects],
})
