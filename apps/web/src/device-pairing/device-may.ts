import type { ListedDevice } from '@latchkey/protocol/device-pairing'

/** What the operator lets a device do: sign apps in, of which the first four speak, and bring machines. */
export interface DeviceMay {
  readonly look: boolean
  readonly type: boolean
  readonly approve: boolean
  readonly send: boolean
  readonly machines: boolean
}
export const MAY_NAMES = [
  'look',
  'type',
  'approve',
  'send',
  'machines',
] as const satisfies readonly (keyof DeviceMay)[]

export const MAY_ALL: DeviceMay = { look: true, type: true, approve: true, send: true, machines: true }
/** A machine that asked by itself has no page. */
export const MAY_BRING: DeviceMay = { look: false, type: false, approve: false, send: false, machines: true }

/** One of them switched, with what follows: typing is all of it, and none of it is without looking. */
export function withMay(may: DeviceMay, name: keyof DeviceMay, on: boolean): DeviceMay {
  const next = { ...may, [name]: on }
  if (name === 'machines') return next
  if (name === 'look' && !on) return { ...next, type: false, approve: false, send: false }
  if (name === 'type' && on) return { ...next, look: true, approve: true, send: true }
  if (on) return { ...next, look: true }
  // An app that may type can do the other two all the same.
  return name === 'look' ? next : { ...next, type: false }
}

type Rights = NonNullable<ListedDevice['appRights']>

/** The fields of a request; null while nothing is chosen, which lets no device in. */
export function mayFields(
  may: DeviceMay,
): { readonly roles: ListedDevice['roles']; readonly appRights?: Rights } | null {
  const roles: ListedDevice['roles'] = [
    ...(may.look ? (['app'] as const) : []),
    ...(may.machines ? (['runner'] as const) : []),
  ]
  if (roles.length === 0) return null
  const rights = rightsFields(may)
  return may.look && rights !== null ? { roles, appRights: rights } : { roles }
}

/** The most that apps may do; null: what each machine gives. */
export function rightsFields({ type, approve, send }: DeviceMay): Rights | null {
  if (type) return null
  return [...(approve ? (['approve'] as const) : []), ...(send ? (['send'] as const) : [])]
}

/** How a device stands. */
export function mayOf({ roles, appRights = null }: ListedDevice): DeviceMay {
  const look = roles.includes('app')
  const has = (right: Rights[number]) =>
    look && (appRights === null || appRights.includes('type') || appRights.includes(right))
  return {
    look,
    type: has('type'),
    approve: has('approve'),
    send: has('send'),
    machines: roles.includes('runner'),
  }
}
