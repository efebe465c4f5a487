import type { JoiningSecrets } from '@latchkey/connection/device-pairing/joining-secrets'
import { secretHash } from '@latchkey/protocol/device-pairing'
import { entriesIn, keep, kept } from '../kept.ts'

/** This browser as a device of the broker that serves the page. */
export interface Membership extends JoiningSecrets {
  readonly nodeId: string
  readonly name: string
  /** how the broker calls itself */
  readonly host: string
}

/** The secrets to join with. Kept before the broker is asked, so that a reload goes on. */
export interface KeptJoining extends JoiningSecrets {
  readonly token: string
}

const MEMBER = 'node'
const JOINING = 'joining'
const JOIN_URL = 'joined-with'

export const membership = (): Membership | null => membershipOf(kept(MEMBER))
export const keepMembership = (member: Membership): boolean => keep(MEMBER, JSON.stringify(member))
/** Whether this browser joined by the pairing URL with this token, which is spent now. */
export const isMemberBy = (token: string): boolean =>
  membership() !== null && kept(JOIN_URL) === secretHash(token)
export const keepJoinUrl = (token: string): void => void keep(JOIN_URL, secretHash(token))
export const forgetMembership = (): void => void keep(MEMBER, null)

export const keptJoining = (): KeptJoining | null => joiningOf(kept(JOINING))
export const keepJoining = (made: KeptJoining): boolean => keep(JOINING, JSON.stringify(made))

/** Forgets the attempt with `token`; one that another window began since stays. */
export function forgetJoining(token: string): void {
  if (keptJoining()?.token === token) keep(JOINING, null)
}

/** Null where a value is missing or has another form. */
export function membershipOf(text: string | null): Membership | null {
  const found = textsIn(text, ['nodeId', 'name', 'host', 'peerToken', 'sessionSecret'])
  if (found === null) return null
  const [nodeId = '', name = '', host = '', peerToken = '', sessionSecret = ''] = found
  return { nodeId, name, host, peerToken, sessionSecret }
}

export function joiningOf(text: string | null): KeptJoining | null {
  const found = textsIn(text, ['token', 'peerToken', 'sessionSecret'])
  if (found === null) return null
  const [token = '', peerToken = '', sessionSecret = ''] = found
  return { token, peerToken, sessionSecret }
}

/** The texts under these names, in their order; null when one is missing. */
function textsIn(text: string | null, names: readonly string[]): readonly string[] | null {
  const at = entriesIn(text)
  const found = names.map((name) => at?.get(name)).filter((each) => typeof each === 'string')
  return found.length === names.length ? found : null
}
