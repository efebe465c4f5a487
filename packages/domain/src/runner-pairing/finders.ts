import type { Instant } from '../kernel.ts'
import type { AttemptLimits } from '../limits/budget.ts'
import type { AppSessionId, HeldCode, RunnerRecord } from './records.ts'

/*
 * Finding a code is not getting in: what follows is a PIN that only the machine shows. So a code that many apps find while none
 * gets further has become known to somebody it was not meant for, and the runner takes another (SECURITY.md L6).
 */

/** A use of a held code, and whether it was one too many: then the list begins anew, so that the runner is asked once. */
export function found(
  held: HeldCode,
  appSessionId: AppSessionId,
  { code }: AttemptLimits,
  now: Instant,
): { readonly held: HeldCode; readonly tooMany: boolean } {
  const used = { ...held, usedCount: held.usedCount + 1 }
  const others = (held.foundBy ?? []).filter(
    (finder) => now < finder.at + code.windowMs && finder.appSessionId !== appSessionId,
  )
  const finders = [...others, { appSessionId, at: now }]
  const tooMany = finders.length >= code.unfinishedMax
  return { held: { ...used, foundBy: tooMany ? [] : finders }, tooMany }
}

/**
 * The runner lists the tickets of the apps it would let in. A new ticket means that an app has finished pairing, so the
 * code has served its purpose. The broker does not learn which app it was.
 */
export function finished(runner: RunnerRecord, routeTickets: readonly string[]): HeldCode | null {
  const { code } = runner
  if (code?.foundBy === undefined || routeTickets.length <= runner.routeTickets.length) return code
  const { foundBy: _known, ...rest } = code
  return rest
}
