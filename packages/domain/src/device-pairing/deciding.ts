import { type Instant, refuse } from '../kernel.ts'
import type { PairingEvent } from './events.ts'
import type { JoinTokenDigest } from './ids.ts'
import type { PairingState, Step } from './pairing-state.ts'
import type { MeshKey, MeshReading, MeshView, MeshWrite } from './ports.ts'
import type { PairingRefusal } from './refusals.ts'
import { failPairing } from './transitions.ts'

/** Names one reading. */
export const meshKey = (kind: MeshReading, id: string): MeshKey => ({ kind, id })

/** Those that the decision has not named yet: to be answered as `need`, if there are any. */
export const unread = (view: MeshView, keys: readonly MeshKey[]): readonly MeshKey[] =>
  keys.filter(({ kind, id }) => !view.has(kind, id))

/** A pairing that can still get on, or the refusal; one that is found to be over is failed at once. */
export function inTime(
  view: MeshView,
  token: JoinTokenDigest,
  now: Instant,
):
  | { readonly ok: true; readonly state: PairingState }
  | { readonly ok: false; readonly outcome: ReturnType<typeof refusing> } {
  const state = view.get('pairing', token)
  if (state === undefined) return { ok: false, outcome: refusing({ code: 'TOKEN_UNKNOWN' }) }
  const over = failIfOver(state, now)
  if (over !== null)
    return { ok: false, outcome: { ...writing(over), answer: refuse({ code: 'TOKEN_EXPIRED' }) } }
  return { ok: true, state }
}

/** The failure of a pairing whose time is over and that has not been failed yet; null if it is in time or has ended. */
export function failIfOver(state: PairingState, now: Instant): Step | null {
  if (state.status === 'DeviceRegistered' || state.status === 'Failed' || now < state.expiresAt) return null
  const step = failPairing(state, 'expired', now)
  return step.ok ? step.value : null
}

export const refusing = (
  refusal: PairingRefusal,
): {
  readonly writes: readonly MeshWrite[]
  readonly events?: readonly PairingEvent[]
  readonly answer: { readonly ok: false; readonly refusal: PairingRefusal }
} => ({ writes: [], answer: refuse(refusal) })

export const writing = ({ state, events }: Step) => ({
  writes: [{ put: 'pairing' as const, value: state }],
  events,
})
