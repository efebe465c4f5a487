import type { ControlKeeper } from '../control-keeper.ts'
import type { Platform } from '../transport.ts'
import type { Paired, Refusal } from './link.ts'
import type { LinkSecret, Sealer } from './sealer.ts'

/** A whole link leads by its ticket, also while typed codes are held back; without one the code does. */
export async function pairBy(
  code: string,
  secret: LinkSecret | null,
  sealer: Sealer | null,
  control: ControlKeeper,
): Promise<Paired | Refusal> {
  const routeTicket = secret === null ? null : (sealer?.linkTicket(secret) ?? null)
  if (secret !== null && secret.runnerId !== null && routeTicket !== null) {
    const answer = await control.call('app:pair', { runnerId: secret.runnerId, routeTicket })
    // A link that was used up: found by its code, the machine itself says so.
    if (answer.success || answer.code !== 'CODE_NOT_FOUND') return answer
  }
  return control.call('app:pair', { pairingCode: code })
}

/** A machine that has just restarted, or lost its connection, is there again a moment later. */
const TRIES = 5
/** A ticket that the machine has not deposited is a guess at the broker, and counted as one: twice is enough. */
const TRIES_UNKNOWN = 2
const PAUSE_MS = 1_500
/** The machine is on its way, or the broker just now cannot look it up. */
const MAY_CHANGE: ReadonlySet<string> = new Set(['RUNNER_OFFLINE', 'CODE_NOT_FOUND', 'NETWORK_ERROR'])

export type CameBack =
  | { readonly status: 'paired'; readonly paired: Paired }
  /** by the broker's word the machine takes this app back no more: it was revoked, or the machine has forgotten it */
  | { readonly status: 'not-wanted' }
  | { readonly status: 'no-way' }

/**
 * Pairs again, by the ticket that only an app which the machine knows can derive (DECISIONS 13): the broker forgot the
 * pairing, or the machine began a new life; nobody has to type a code for that.
 */
export async function comeBack(
  runnerId: string,
  sealer: Sealer,
  control: ControlKeeper,
  platform: Platform,
  isWanted: () => boolean,
): Promise<CameBack> {
  let unknown = 0
  for (let tries = 0; tries < TRIES && isWanted(); tries++) {
    const routeTicket = await sealer.routeTicket(runnerId)
    if (routeTicket === null || !isWanted()) break
    const answer = await control.call('app:pair', { runnerId, routeTicket })
    if (answer.success) return { status: 'paired', paired: answer }
    if (answer.code === 'CODE_NOT_FOUND' && ++unknown === TRIES_UNKNOWN) return { status: 'not-wanted' }
    if (!MAY_CHANGE.has(answer.code)) break
    await new Promise<void>((resolve) => platform.after(PAUSE_MS, resolve))
  }
  return { status: 'no-way' }
}
