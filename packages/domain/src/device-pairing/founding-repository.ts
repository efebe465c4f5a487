import { accept, type Decision, refuse } from '../kernel.ts'
import { meshKey } from './deciding.ts'
import type { PairingEvent } from './events.ts'
import type { JoinTokenDigest } from './ids.ts'
import type { DeviceRegistered, PairingState } from './pairing-state.ts'
import type { MeshOperation } from './ports.ts'
import type { Device, DeviceSession, PeerToken } from './records.ts'
import { secretKeys } from './registration.ts'

/** Somebody else has changed the pairing since it was loaded: load it again. */
export type LostRace = { readonly code: 'LOST_RACE'; readonly version: number }

/** The founding `load_pairing_state`. */
export const loadPairingState = (token: JoinTokenDigest): MeshOperation<PairingState | null> => ({
  keys: [meshKey('pairing', token)],
  decide: (view) => ({ writes: [], answer: view.get('pairing', token) ?? null }),
})

/** The founding `save_pairing_state`, as compare-and-set: only the state that follows the stored one is kept. */
export const savePairingState = (
  state: PairingState,
  events: readonly PairingEvent[],
): MeshOperation<Decision<null, LostRace>> => ({
  keys: [meshKey('pairing', state.token)],
  decide: (view) => {
    const version = view.get('pairing', state.token)?.version ?? 0
    if (state.version !== version + 1) return { writes: [], answer: refuse({ code: 'LOST_RACE', version }) }
    return { writes: [{ put: 'pairing', value: state }], events, answer: accept(null) }
  },
})

/** The founding `register_node_with_token`: device, peer token, session, state and events, or nothing of it. */
export const registerNodeWithToken = (registration: {
  readonly state: DeviceRegistered
  readonly node: Device
  readonly peerToken: PeerToken
  readonly session: DeviceSession
  readonly events: readonly PairingEvent[]
}): MeshOperation<Decision<null, LostRace | { readonly code: 'SECRET_USED' }>> => {
  const saved = savePairingState(registration.state, registration.events)
  const { node, peerToken, session } = registration
  const secrets = { peerToken: peerToken.token, session: session.session }
  return {
    keys: [...saved.keys, ...secretKeys(secrets)],
    decide: (view, now) => {
      const outcome = saved.decide(view, now)
      if ('need' in outcome || !outcome.answer.ok) return outcome
      // Saved once more is saved once; a digest that is another device's stays that one's.
      const held = view.get('peerToken', secrets.peerToken)
      const heldSession = view.get('session', secrets.session)
      if ([held, heldSession].some((each) => each !== undefined && each.nodeId !== node.id))
        return { writes: [], answer: refuse({ code: 'SECRET_USED' as const }) }
      return {
        ...outcome,
        writes: [
          { put: 'node', value: node },
          ...outcome.writes,
          held === undefined
            ? { make: 'peerToken', value: peerToken }
            : { put: 'peerToken', value: peerToken },
          heldSession === undefined
            ? { make: 'session', value: session }
            : { put: 'session', value: session },
        ],
      }
    },
  }
}
