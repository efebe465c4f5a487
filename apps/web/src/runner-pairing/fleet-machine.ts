import type { FleetMachine } from '@latchkey/domain/fleet/fleet'
import { fleetSecret } from '@latchkey/e2ee/fleet-list'
import { fromBase64url } from '@latchkey/protocol/bytes'
import { pairByWord } from './pair-machine.ts'

/**
 * Opens a machine of this browser's owner, by the owner's word and without a code. False where the broker does not lead there: it is
 * offline, or does not let devices of the owner in.
 */
export async function openFleetMachine(
  { runnerId, reach }: FleetMachine,
  owner: string,
  certificate: Uint8Array,
): Promise<boolean> {
  const [key, reachKey] = [fromBase64url(owner), fromBase64url(reach)]
  if (key === null || reachKey === null) return false
  return pairByWord({ runnerId, reach: reachKey, oneTimeSecret: fleetSecret(key), certificate })
}
