import { accept, type Decision, type Instant, refuse } from '../kernel.ts'
import { PairingCoordinator } from './coordinator.ts'
import { failIfOver, inTime, meshKey, refusing, unread, writing } from './deciding.ts'
import type { DeviceId, JoinTokenDigest, PeerTokenDigest, UserCodeDigest } from './ids.ts'
import type { DeviceConnected, PairingState, PinVerified, Poll } from './pairing-state.ts'
import type { MeshOperation, MeshOutcome } from './ports.ts'
import type { AppRight, DeviceRole } from './records.ts'
import { type PairingRefusal, refusedBy, tokenTaken } from './refusals.ts'
import { type Joined, mayRegister, register, registrationKeys } from './registration.ts'
import type { DeviceRules } from './rules.ts'
import { connectDevice, createToken, failPairing, verifyPin } from './transitions.ts'

/** A device that asks by RFC 8628: its device code is the join token, its user code is what the operator compares. */
export interface ConsentRequest {
  readonly token: JoinTokenDigest
  readonly userCode: UserCodeDigest
  readonly client: string
  readonly nodeId: DeviceId
  readonly name: string
  readonly ip: string
}

/** The device asks: its token is made and spent on it in one step. `USER_CODE_TAKEN`: make another and ask again. */
export const requestConsent = (
  request: ConsentRequest,
  rules: DeviceRules,
): MeshOperation<Decision<DeviceConnected, PairingRefusal | { readonly code: 'USER_CODE_TAKEN' }>> => ({
  keys: [
    meshKey('pairing', request.token),
    meshKey('census', ''),
    meshKey('requestsFrom', request.ip),
    meshKey('userCode', request.userCode),
  ],
  decide: (view, now) => {
    const taken = view.get('pairing', request.token)
    if (taken !== undefined) return refusing(tokenTaken(taken))
    const open = view.get('census', '')?.openConsents ?? 0
    if (open >= rules.openRequestsMax)
      return refusing({ code: 'TOO_MANY_PAIRINGS', max: rules.openRequestsMax })
    if ((view.get('requestsFrom', request.ip) ?? 0) >= rules.requestsPerAddressMax)
      return refusing({ code: 'TOO_MANY_PAIRINGS', max: rules.requestsPerAddressMax })
    if (view.get('userCode', request.userCode) !== undefined)
      return { writes: [], answer: refuse({ code: 'USER_CODE_TAKEN' }) }
    const { token, userCode, client, nodeId, name, ip } = request
    const expiresAt = PairingCoordinator.calculateExpiry(now, rules.tokenLifeMs)
    const created = createToken({ token, name: null, expiresAt }, now)
    const poll: Poll = { client, everyMs: rules.pollEveryMs, polledAt: null }
    const claim = { method: 'consent', userCode, poll } as const
    const step = connectDevice(created.state, { deviceIp: ip, deviceNodeId: nodeId, name, claim }, now)
    if (!step.ok) return refusing(refusedBy(created.state, step.refusal))
    return {
      ...writing(step.value),
      events: [...created.events, ...step.value.events],
      answer: accept(step.value.state),
    }
  },
})

/** What a device may do that came by RFC 8628, unless the operator says otherwise: it has no page, so it is no app. */
export const CONSENT_ROLES = ['runner'] as const satisfies readonly DeviceRole[]

/**
 * The operator compares user codes and approves, or says no. Unknown codes are all alike. A yes that there is no place for is
 * refused, and the request goes on waiting: the operator may revoke a device and say yes again.
 */
export const answerConsent = (
  command: {
    readonly userCode: UserCodeDigest
    readonly approve: boolean
    /** what the device may do; absent: `CONSENT_ROLES` */
    readonly roles?: readonly DeviceRole[]
    /** the most that its apps may do at machines; absent: what each machine gives */
    readonly appRights?: readonly AppRight[] | undefined
  },
  rules: DeviceRules,
): MeshOperation<Decision<PairingState, PairingRefusal>> => ({
  keys: [meshKey('userCode', command.userCode)],
  decide: (view, now) => {
    const state = view.get('userCode', command.userCode)
    if (state === undefined) return refusing({ code: 'TOKEN_UNKNOWN' })
    const over = failIfOver(state, now)
    if (over !== null) return { ...writing(over), answer: refuse({ code: 'TOKEN_EXPIRED' }) }
    if (command.approve && state.status === 'DeviceConnected') {
      const { deviceNodeId: nodeId, deviceIp: ip } = state
      const need = unread(view, [meshKey('node', nodeId), meshKey('neighbours', ip), meshKey('census', '')])
      if (need.length > 0) return { need }
      const allowed = mayRegister(view, { nodeId, ip, provesKey: false }, rules)
      if (!allowed.ok) return refusing(allowed.refusal)
    }
    const { roles = CONSENT_ROLES, appRights } = command
    const verification = { by: 'consent', roles, appRights } as const
    const step = command.approve
      ? verifyPin(state, verification, rules, now)
      : failPairing(state, 'cancelled', now)
    if (!step.ok) return refusing(refusedBy(state, step.refusal))
    return { ...writing(step.value), answer: accept(step.value.state) }
  },
})

/** What a poll is answered (RFC 8628, 3.5), in its words. */
export type PollRefusal =
  | { readonly error: 'authorization_pending' }
  | { readonly error: 'slow_down'; readonly everyMs: number }
  | { readonly error: 'expired_token' | 'access_denied' | 'invalid_grant' }

/** The device asks whether it has been approved; if so, it is registered in this transaction, once. */
export function pollConsent(
  command: {
    readonly token: JoinTokenDigest
    readonly client: string
    /** of the token that it gets if it is approved */
    readonly peerToken: PeerTokenDigest
  },
  rules: DeviceRules,
): MeshOperation<Decision<Joined, PollRefusal>> {
  return {
    keys: [meshKey('pairing', command.token), meshKey('census', '')],
    decide: (view, now) => {
      const found = inTime(view, command.token, now)
      if (!found.ok) {
        const unknown = found.outcome.answer.refusal.code === 'TOKEN_UNKNOWN'
        return { ...found.outcome, answer: refuse({ error: unknown ? 'invalid_grant' : 'expired_token' }) }
      }
      const { state } = found
      if (state.status === 'Failed')
        return denied(state.reason === 'expired' ? 'expired_token' : 'access_denied')
      const poll = pollOf(state)
      if (poll === null || poll.client !== command.client) return denied('invalid_grant')
      if (state.status === 'PinVerified') {
        const secrets = { publicKey: null, peerToken: command.peerToken, session: null }
        const need = unread(view, registrationKeys(state.deviceNodeId, state.deviceIp, secrets))
        if (need.length > 0) return { need }
        const outcome = register(view, { state, events: [] }, secrets, rules, now)
        if ('need' in outcome) return outcome
        const { answer } = outcome
        // The last place went to another device since the operator said yes. It may become free while the yes is good.
        return answer.ok ? { ...outcome, answer } : denied('authorization_pending')
      }
      if (state.status === 'DeviceConnected') return waiting(state, poll, rules, now)
      return denied('invalid_grant')
    },
  }
}

/** Not answered yet. A poll that came too soon makes all later ones wait longer. */
function waiting(
  state: DeviceConnected,
  poll: Poll,
  rules: DeviceRules,
  now: Instant,
): MeshOutcome<Decision<never, PollRefusal>> {
  const tooSoon = poll.polledAt !== null && now - poll.polledAt < poll.everyMs
  const everyMs = poll.everyMs + (tooSoon ? rules.slowDownMs : 0)
  if (state.claim.method !== 'consent') return denied('invalid_grant')
  const claim = { ...state.claim, poll: { ...poll, everyMs, polledAt: now } }
  const value = { ...state, claim, version: state.version + 1 }
  return {
    writes: [{ put: 'pairing', value }],
    answer: refuse(tooSoon ? { error: 'slow_down', everyMs } : { error: 'authorization_pending' }),
  }
}

function pollOf(state: PairingState): PinVerified['poll'] {
  if (state.status === 'PinVerified') return state.poll
  return state.status === 'DeviceConnected' && state.claim.method === 'consent' ? state.claim.poll : null
}

const denied = (error: Exclude<PollRefusal['error'], 'slow_down'>) => ({
  writes: [],
  answer: refuse<PollRefusal>({ error }),
})
