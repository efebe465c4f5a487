import type { FleetMachine } from '@latchkey/domain/fleet/fleet'
import { fleetSecret } from '@latchkey/e2ee/fleet-list'
import { fromBase64url } from '@latchkey/protocol/bytes'
import { remember, update } from '../runner-book.ts'
import { adopt, beginLink } from './links.ts'

/**
 * Opens a machine of this browser's owner, by the owner's word and without a code. False where the broker does not lead there: it is
 * offline, or does not let devices of the owner in.
 */
export async function openFleetMachine(
  { runnerId, reach, label }: FleetMachine,
  owner: string,
  certificate: Uint8Array,
): Promise<boolean> {
  const [key, reachKey] = [fromBase64url(owner), fromBase64url(reach)]
  if (key === null || reachKey === null) return false
  let credential = ''
  let isKnown = false
  const link = beginLink(null, null, (renewed) => {
    credential = renewed
    if (isKnown) update(runnerId, { credential })
  })
  const answer = await link.pair('', {
    runnerId,
    reach: reachKey,
    oneTimeSecret: fleetSecret(key),
    certificate,
  })
  if (!answer.success) {
    link.close()
    return false
  }
  isKnown = true
  remember({ runnerId, label: answer.runnerLabel || label, credential, pairedAt: answer.pairedAt })
  adopt(runnerId, link)
  return true
}
