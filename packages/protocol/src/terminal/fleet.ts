import { FLEET_DEVICES_MAX } from '@latchkey/domain/fleet/fleet'
import { z } from 'zod'
import { momentMs } from '../fields.ts'

/** The fleet of a machine's owner, inside the sealed channel: which of the owner's devices come in without a PIN. */

/** 32 bytes, base64url */
const key = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
/** a signed list, base64url */
const list = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(24_000)
const rights = z.object({ type: z.boolean(), approve: z.boolean(), send: z.boolean() })
const label = z.string().max(64)

/** Of an app that may type: this machine belongs to that owner from now on. Answered by `fleet`, or `fleetRefused`. */
export const fleetAdoptFields = { owner: key, allowed: rights }
/** The newest list that this app has; of any app that seals. A machine takes it if its owner signed it and it is newer */
export const fleetListFields = { list }
/** How it stands, after `welcome` and whenever it has changed. */
export const fleetFields = {
  owner: key.nullable(),
  /** the most that a device of the owner may do; null: such a device needs a PIN */
  allowed: rights.nullable(),
  /** of the newest list that this machine has seen; 0 before the first */
  number: z.number().int().nonnegative(),
  /** that list; only for a device that it names */
  list: list.nullable(),
  /** only for an app that may type: the apps that this machine knows, so that the owner may add one */
  apps: z.array(z.object({ key, label, lastSeenAt: momentMs })).max(2 * FLEET_DEVICES_MAX),
}
export type FleetFact = z.output<z.ZodObject<typeof fleetFields>>
/** `message`: for a person */
export const fleetRefusedFields = { message: z.string().max(256) }
