import { keepMembership, membership } from './membership.ts'

/** Tells the broker another name for this browser. What fails is not said: the name is a courtesy. */
export async function renameSelf(name: string): Promise<void> {
  const member = membership()
  if (member === null) return
  const answer = await fetch('/nodes/me', {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${member.peerToken}` },
    body: JSON.stringify({ name }),
  }).catch(() => null)
  if (answer?.ok === true) keepMembership({ ...member, name })
}
