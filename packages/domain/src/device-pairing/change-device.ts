import { accept, type Decision } from '../kernel.ts'
import { meshKey } from './deciding.ts'
import { living, type MembershipRefusal } from './devices.ts'
import type { PairingEvent } from './events.ts'
import type { DeviceId } from './ids.ts'
import type { MeshOperation } from './ports.ts'
import type { AppRight, Device } from './records.ts'

/** A change to a device's name, note, tags or rights. Absent fields stay. */
export interface DeviceChange {
  readonly name?: string | undefined
  readonly note?: string | undefined
  readonly tags?: readonly string[] | undefined
  /** null: what each machine gives */
  readonly appRights?: readonly AppRight[] | null | undefined
}

/** Writes a device's name, note, tags or rights. Writing the present values changes nothing. */
export const changeDevice = (command: {
  readonly nodeId: DeviceId
  readonly change: DeviceChange
  readonly actor: 'operator' | 'device'
}): MeshOperation<Decision<Device, MembershipRefusal>> => ({
  keys: [meshKey('node', command.nodeId)],
  decide: (view, now) => {
    const found = living(view, command.nodeId)
    if (!found.ok) return { writes: [], answer: found }
    const { value: before } = found
    const { name = before.name, note = before.note, tags = before.tags } = command.change
    const { appRights = before.appRights } = command.change
    const isRenamed = name !== before.name
    const isChanged =
      note !== before.note || !isSame(tags, before.tags) || !isSame(appRights, before.appRights)
    if (!isRenamed && !isChanged) return { writes: [], answer: found }
    const value: Device = { ...before, name, note, tags, appRights, updatedAt: now }
    const about = { nodeId: before.id, name, at: now }
    const events: readonly PairingEvent[] = [
      ...(isRenamed ? [{ type: 'NodeRenamed' as const, ...about, actor: command.actor }] : []),
      ...(isChanged ? [{ type: 'NodeChanged' as const, ...about }] : []),
    ]
    return { writes: [{ put: 'node', value }], events, answer: accept(value) }
  },
})

const isSame = (one: readonly string[] | null, other: readonly string[] | null): boolean =>
  one === null || other === null ? one === other : one.join('\n') === other.join('\n')
