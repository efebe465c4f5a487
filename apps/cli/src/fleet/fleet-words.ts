import { FLEET_OLD_AFTER_MS } from '@latchkey/domain/fleet/fleet'
import { printable } from '@latchkey/protocol/printable'
import type { Granted } from '../owner/ask-runner.ts'

type Fleet = NonNullable<Granted['fleet']>
type Rights = NonNullable<Fleet['allowed']>

/** "type", or "look, approve". */
export function rightsWords({ type, approve, send }: Rights): string {
  if (type) return 'type'
  return ['look', ...(approve ? ['approve'] : []), ...(send ? ['send'] : [])].join(', ')
}

/** What this machine knows of its owner, for a person. `nowMs` is this machine's clock. */
export function fleetLines(fleet: Fleet, nowMs: number): readonly string[] {
  const { owner, allowed, number, issuedAt, goodUntil, devices, machines } = fleet
  const may =
    allowed === null ? 'need a PIN here like all others' : `may ${rightsWords(allowed)} here, without a PIN`
  const head = [`Owner    ${owner.slice(0, 16)}`, `Devices of the owner ${may}.`]
  if (issuedAt === null || goodUntil === null) return [...head, 'No list of the owner has arrived yet.']
  const at = (ms: number) => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const isOver = nowMs >= goodUntil
  const isOld = nowMs - issuedAt >= FLEET_OLD_AFTER_MS
  const age = isOver
    ? `It ended at ${at(goodUntil)}: open the page on the owner's device.`
    : isOld
      ? `It is older than ${at(nowMs - FLEET_OLD_AFTER_MS)}: a newer one may have been withheld.`
      : `It is good until ${at(goodUntil)}.`
  return [
    ...head,
    `List     number ${number}, signed at ${at(issuedAt)}. ${age}`,
    ...devices.map(({ label, rights }) => `Device   ${printable(label)}: ${rightsWords(rights)}`),
    ...machines.map((label) => `Machine  ${printable(label)}`),
  ]
}
