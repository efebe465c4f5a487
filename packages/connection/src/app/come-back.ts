import type { Platform } from '../transport.ts'
import type { ControlKeeper } from './control-keeper.ts'
import type { Paired } from './link.ts'
import type { Sealer } from './sealer.ts'

/** A machine that has just restarted tells the broker of its apps a moment later. */
const TRIES = 5
const PAUSE_MS = 1_500

/**
 * Pairs again, by the ticket that only an app which the machine knows can derive (DECISIONS 13): the broker forgot the
 * pairing, or the machine began a new life; nobody has to type a code for that. Null when there is no way.
 */
export async function comeBack(
  runnerId: string,
  sealer: Sealer,
  control: ControlKeeper,
  platform: Platform,
  isWanted: () => boolean,
): Promise<Paired | null> {
  for (let tries = 0; tries < TRIES && isWanted(); tries++) {
    const routeTicket = await sealer.routeTicket(runnerId)
    if (routeTicket === null || !isWanted()) return null
    const answer = await control.call('app:pair', { runnerId, routeTicket })
    if (answer.success) return answer
    if (answer.code !== 'RUNNER_OFFLINE' && answer.code !== 'CODE_NOT_FOUND') return null
    await new Promise<void>((resolve) => platform.after(PAUSE_MS, resolve))
  }
  return null
}
