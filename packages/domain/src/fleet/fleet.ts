import { accept, type Decision, refuse } from '../kernel.ts'

/**
 * The rules of a fleet: one owner's devices may come to one owner's machines without a PIN. The owner's first device signs one
 * numbered list of both; each machine keeps the newest list that it has seen, and decides by that.
 */

/** A list and its certificates are good for so long: what a relay can withhold at most. */
export const FLEET_LEASE_MS = 14 * 24 * 60 * 60_000
/** The owner's device signs a list anew after so long, while its page is open. */
export const FLEET_RENEW_AFTER_MS = 24 * 60 * 60_000
/** A list that is older than this is shown as old. */
export const FLEET_OLD_AFTER_MS = 3 * FLEET_RENEW_AFTER_MS
export const FLEET_DEVICES_MAX = 32
export const FLEET_MACHINES_MAX = 48
/** How far the clocks of an owner's device and a machine may differ. */
const CLOCK_STEP_MS = 5 * 60_000

/** What a device may do beside looking. */
export interface FleetRights {
  readonly type: boolean
  readonly approve: boolean
  readonly send: boolean
}

export interface FleetDevice {
  /** its X25519 key, base64url */
  readonly key: string
  readonly label: string
  readonly rights: FleetRights
}

export interface FleetMachine {
  readonly runnerId: string
  /** its X25519 key, base64url */
  readonly reach: string
  readonly label: string
}

export interface FleetList {
  /** the owner's Ed25519 key, base64url */
  readonly owner: string
  /** only grows */
  readonly number: number
  readonly issuedAtMs: number
  readonly goodUntilMs: number
  readonly devices: readonly FleetDevice[]
  readonly machines: readonly FleetMachine[]
}

/** A device's excerpt of a list, signed by the owner. */
export type FleetCertificate = FleetDevice &
  Pick<FleetList, 'owner' | 'number' | 'issuedAtMs' | 'goodUntilMs'>

/** What a machine keeps of its owner. */
export interface FleetStanding {
  /** null: this machine belongs to no fleet */
  readonly owner: string | null
  /** the most that a device of the owner may do here; null: the owner's devices need a PIN like all others */
  readonly allowed: FleetRights | null
  /** the newest list that it has seen; null before the first */
  readonly list: FleetList | null
}

export const NO_FLEET: FleetStanding = { owner: null, allowed: null, list: null }

export type ListRefusal =
  /** of another owner, or there is none here */
  | 'foreign'
  /** a newer one is known */
  | 'older'
  /** known already */
  | 'same'
  /** another list of the same number: two hold the owner's key */
  | 'forked'
  /** its time is over, is longer than a lease, or begins in the future */
  | 'bad-time'

/** Whether a list whose signature is the owner's takes the place of the one at hand. */
export function judgeList(
  held: FleetList | null,
  offered: FleetList,
  owner: string | null,
  nowMs: number,
): Decision<FleetList, ListRefusal> {
  if (offered.owner !== owner) return refuse('foreign')
  if (held !== null && offered.number < held.number) return refuse('older')
  if (held !== null && offered.number === held.number)
    return refuse(JSON.stringify(held) === JSON.stringify(offered) ? 'same' : 'forked')
  return isGood(offered, nowMs) ? accept(offered) : refuse('bad-time')
}

export type DeviceRefusal = 'no-owner' | 'foreign' | 'not-allowed' | 'removed' | 'bad-time'

/**
 * The rights of a device that shows a certificate whose signature is the owner's, and has proved its key. The list at hand has
 * precedence: a device that a newer list does not name is out, whatever it shows.
 */
export function judgeDevice(
  { owner, allowed, list }: FleetStanding,
  shown: FleetCertificate,
  nowMs: number,
): Decision<FleetRights, DeviceRefusal> {
  if (owner === null) return refuse('no-owner')
  if (shown.owner !== owner) return refuse('foreign')
  if (allowed === null) return refuse('not-allowed')
  const named = list?.devices.find(({ key }) => key === shown.key) ?? null
  if (list !== null && shown.number <= list.number && named === null) return refuse('removed')
  const newest =
    list !== null && named !== null && list.number >= shown.number ? { ...named, ...timesOf(list) } : shown
  if (!isGood(newest, nowMs)) return refuse('bad-time')
  return accept(atMost(newest.rights, allowed))
}

/** The rights of a device that came earlier; null when it is out now. */
export function rightsNow(
  { owner, allowed, list }: FleetStanding,
  key: string,
  nowMs: number,
): FleetRights | null {
  if (owner === null || allowed === null || list === null || !isGood(list, nowMs)) return null
  const named = list.devices.find((device) => device.key === key)
  return named === undefined ? null : atMost(named.rights, allowed)
}

/** How a list stands for a person: an old one may be one of which a newer is withheld. */
export function ageOf(list: FleetList, nowMs: number): 'fresh' | 'old' | 'over' {
  if (nowMs >= list.goodUntilMs) return 'over'
  return nowMs - list.issuedAtMs >= FLEET_OLD_AFTER_MS ? 'old' : 'fresh'
}

/** The next list of an owner. */
export const nextList = (
  before: FleetList,
  change: Partial<Pick<FleetList, 'devices' | 'machines'>>,
  nowMs: number,
): FleetList => ({
  ...before,
  devices: (change.devices ?? before.devices).slice(0, FLEET_DEVICES_MAX),
  machines: (change.machines ?? before.machines).slice(0, FLEET_MACHINES_MAX),
  number: before.number + 1,
  issuedAtMs: nowMs,
  goodUntilMs: nowMs + FLEET_LEASE_MS,
})

export const firstList = (owner: string, nowMs: number): FleetList => ({
  ...{ owner, number: 1, issuedAtMs: nowMs, goodUntilMs: nowMs + FLEET_LEASE_MS, devices: [], machines: [] },
})

const timesOf = ({ issuedAtMs, goodUntilMs }: FleetList) => ({ issuedAtMs, goodUntilMs })

const isGood = (
  { issuedAtMs, goodUntilMs }: Pick<FleetList, 'issuedAtMs' | 'goodUntilMs'>,
  nowMs: number,
): boolean =>
  issuedAtMs <= nowMs + CLOCK_STEP_MS && nowMs < goodUntilMs && goodUntilMs - issuedAtMs <= FLEET_LEASE_MS

/** *Type* implies the others, so a smaller bound keeps them. */
function atMost(wanted: FleetRights, allowed: FleetRights): FleetRights {
  const has = (right: keyof FleetRights) => (wanted.type || wanted[right]) && (allowed.type || allowed[right])
  return { type: wanted.type && allowed.type, approve: has('approve'), send: has('send') }
}
