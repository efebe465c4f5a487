import { type Instant, instant } from '../kernel.ts'
import type { AccountRules } from './rules.ts'

/** 1, 2, 4 … 60 s, of which a random part of up to a half is taken off, so that a thousand do not come back at once. */
export function nextTryAt(
  losses: number,
  { now, rules, chance }: { readonly now: Instant; readonly rules: AccountRules; readonly chance: number },
): Instant {
  const fullMs = Math.min(rules.backOffMaxMs, rules.firstBackOffMs * 2 ** Math.min(losses, 30))
  return instant(now + Math.ceil(fullMs * (1 - chance / 2)))
}
