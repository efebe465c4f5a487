import { received } from '@latchkey/protocol/call'
import { meReply } from '@latchkey/protocol/device-pairing'
import { forgetMembership, keepMembership, type Membership, membership } from './membership.ts'

/** Asks the broker about this browser. Without an answer the kept facts stand. Null: it is no device any more. */
export async function lookUpSelf(member: Membership): Promise<Membership | null> {
  const answer = await fetch('/nodes/me', { headers: bearer(member) }).catch(() => null)
  if (answer?.status === 401) {
    forgetMembership()
    return null
  }
  const told = answer?.ok === true ? received(meReply, await answer.json().catch(() => null)) : null
  if (told === null) return member
  const now = { ...member, name: told.node.name, host: told.host }
  keepMembership(now)
  return now
}

/** Tells the broker another name for this browser. A failure is not reported: the name is a courtesy. */
export async function renameSelf(name: string): Promise<void> {
  const member = membership()
  if (member === null) return
  const answer = await fetch('/nodes/me', {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', ...bearer(member) },
    body: JSON.stringify({ name }),
  }).catch(() => null)
  if (answer?.ok === true) keepMembership({ ...member, name })
}

const bearer = ({ peerToken }: Membership) => ({ authorization: `Bearer ${peerToken}` })
