import { accept, type Decision, refuse } from '../kernel.ts'
import { PairingCoordinator } from './coordinator.ts'
import { inTime, meshKey, refusing, unread, writing } from './deciding.ts'
import type { DeviceId, JoinTokenDigest, PeerTokenDigest, PinDigest, SessionDigest } from './ids.ts'
import type { Claim, DeviceConnected, PairingState, TokenCreated } from './pairing-state.ts'
import type { MeshOperation } from './ports.ts'
import { type AppRight, type DeviceRole, sessionHandleOf } from './records.ts'
import { type PairingRefusal, refusedBy, tokenTaken, transitionRefused } from './refusals.ts'
import { isUsed, type Joined, mayRegister, register, registrationKeys, secretKeys } from './registration.ts'
import type { DeviceRules } from './rules.ts'
import {
  connectDevice,
  createToken,
  failPairing,
  rejectPin,
  renameDevice,
  turnAway,
  verifyPin,
} from './transitions.ts'

/** The operator starts a pairing. */
export const startPairing = (
  command: { readonly token: JoinTokenDigest; readonly name: string | null },
  rules: DeviceRules,
): MeshOperation<Decision<TokenCreated, PairingRefusal>> => ({
  keys: [meshKey('pairing', command.token), meshKey('census', '')],
  decide: (view, now) => {
    const taken = view.get('pairing', command.token)
    if (taken !== undefined) return refusing(tokenTaken(taken))
    const open = view.get('census', '')?.openPins ?? 0
    if (open >= rules.openPairingsMax)
      return refusing({ code: 'TOO_MANY_PAIRINGS', max: rules.openPairingsMax })
    const expiresAt = PairingCoordinator.calculateExpiry(now, rules.tokenLifeMs)
    const step = createToken({ ...command, expiresAt }, now)
    return { ...writing(step), answer: accept(step.state) }
  },
})

/** A device that has scanned a join URL, its signature checked by the shell. */
export interface JoiningDevice {
  readonly token: JoinTokenDigest
  readonly ip: string
  readonly nodeId: DeviceId
  readonly name: string
  readonly publicKey: string
  readonly peerToken: PeerTokenDigest
  readonly session: SessionDigest
  /** of the PIN that it will be told: the same for the same device and token, so that asking twice is asking once */
  readonly pin: PinDigest
}

/** A device connects. One that has connected already and asks again is told the same. */
export function connectPairing(
  device: JoiningDevice,
  rules: DeviceRules,
): MeshOperation<Decision<DeviceConnected, PairingRefusal>> {
  const { token, ip, nodeId, name } = device
  return {
    keys: [
      meshKey('pairing', token),
      meshKey('node', nodeId),
      meshKey('neighbours', ip),
      meshKey('census', ''),
      ...secretKeys(device),
    ],
    decide: (view, now) => {
      const found = inTime(view, token, now)
      if (!found.ok) return found.outcome
      const before: PairingState = found.state
      if (isSameDevice(before, device)) {
        const state = renameDevice(before, name)
        const isRenamed = state !== before
        return { writes: isRenamed ? [{ put: 'pairing', value: state }] : [], answer: accept(state) }
      }
      const allowed = mayRegister(view, { nodeId, ip, provesKey: true }, rules)
      // A spent token is refused as such before room is checked: its second holder does not learn how full the mesh is.
      if (before.status === 'TokenCreated' && !allowed.ok) return refusing(allowed.refusal)
      if (before.status === 'TokenCreated' && isUsed(view, device)) return refusing({ code: 'SECRET_USED' })
      const { pin, publicKey, peerToken, session } = device
      const claim: Claim = { method: 'pin', pin, attempts: 0, publicKey, peerToken, session }
      const step = connectDevice(before, { deviceIp: ip, deviceNodeId: nodeId, name, claim }, now)
      if (step.ok) return { ...writing(step.value), answer: accept(step.value.state) }
      const refusal = refusedBy(before, step.refusal)
      const turned = isConnected(before) ? turnAway(before, { ip, nodeId }, now) : null
      return turned === null ? refusing(refusal) : { ...writing(turned), answer: refuse(refusal) }
    },
  }
}

/**
 * The operator types the PIN. If it is right, the device is verified and registered in this one transaction: device, peer
 * token, session and events, or nothing. If it is wrong, that is counted.
 */
export function verifyPairing(
  command: {
    readonly token: JoinTokenDigest
    readonly pin: PinDigest
    readonly nodeId: DeviceId | null
    /** what it may do; absent: all */
    readonly roles?: readonly DeviceRole[] | undefined
    /** the most that its apps may do at machines; absent: what each machine gives */
    readonly appRights?: readonly AppRight[] | undefined
  },
  rules: DeviceRules,
): MeshOperation<Decision<Joined, PairingRefusal>> {
  const { token } = command
  return {
    keys: [meshKey('pairing', token), meshKey('census', '')],
    decide: (view, now) => {
      const found = inTime(view, token, now)
      if (!found.ok) return found.outcome
      const { state } = found
      if (state.status !== 'DeviceConnected' || state.claim.method !== 'pin')
        return refusing(
          transitionRefused(state, { code: 'INVALID_TRANSITION', from: state.status, to: 'PinVerified' }),
        )
      const { claim, deviceNodeId: deviceId } = state
      const need = unread(view, registrationKeys(deviceId, state.deviceIp, claim))
      if (need.length > 0) return { need }
      if (command.nodeId !== null && command.nodeId !== deviceId)
        return refusing({ code: 'NODE_ID_MISMATCH' })

      if (!PairingCoordinator.validatePairingRequest(state, command.pin, now).ok) {
        const step = rejectPin(state, rules, now)
        if (!step.ok) return refusing(refusedBy(state, step.refusal))
        const attemptsLeft = step.value.state.status === 'Failed' ? 0 : rules.attemptsMax - claim.attempts - 1
        return { ...writing(step.value), answer: refuse({ code: 'WRONG_PIN', attemptsLeft }) }
      }
      const sessionHandle = sessionHandleOf(claim.session)
      const { pin, roles, appRights } = command
      const verified = verifyPin(state, { by: 'pin', pin, sessionHandle, roles, appRights }, rules, now)
      if (!verified.ok) return refusing(refusedBy(state, verified.refusal))
      const { publicKey, peerToken, session } = claim
      return register(view, verified.value, { publicKey, peerToken, session }, rules, now)
    },
  }
}

/**
 * The operator refuses the device, or takes the approval back. Repeating it changes nothing; a registered device is
 * revoked instead.
 */
export const cancelPairing = (command: {
  readonly token: JoinTokenDigest
}): MeshOperation<Decision<null, PairingRefusal>> => ({
  keys: [meshKey('pairing', command.token)],
  decide: (view, now) => {
    const state = view.get('pairing', command.token)
    if (state === undefined) return refusing({ code: 'TOKEN_UNKNOWN' })
    if (state.status === 'Failed' && state.reason === 'cancelled') return { writes: [], answer: accept(null) }
    const step = failPairing(state, 'cancelled', now)
    if (!step.ok) return refusing(transitionRefused(state, step.refusal))
    return { ...writing(step.value), answer: accept(null) }
  },
})

/** The same device with the same secrets: its first answer may have been lost on the way. */
const isSameDevice = (state: PairingState, device: JoiningDevice): state is DeviceConnected =>
  state.status === 'DeviceConnected' &&
  state.claim.method === 'pin' &&
  state.claim.publicKey === device.publicKey &&
  state.claim.peerToken === device.peerToken &&
  state.claim.session === device.session

const isConnected = (state: PairingState): state is DeviceConnected => state.status === 'DeviceConnected'
