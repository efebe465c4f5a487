import { accept, type Decision, refuse } from '../kernel.ts'
import { meshKey } from './deciding.ts'
import type { PairingEvent } from './events.ts'
import type { MeshOperation } from './ports.ts'
import type { NoticeKind, NoticeTable, Watcher } from './records.ts'

/** The table before the operator has chosen: signs of an attack, and what needs an answer. */
export const NOTICES_AT_FIRST: NoticeTable = {
  on: ['device-asks', 'device-joined', 'guessing'],
}

/** An operator has a few browsers. */
const WATCHERS_MAX = 16

/** Calls this browser from now on. Doing it twice is doing it once. */
export const addWatcher = (
  watcher: Omit<Watcher, 'createdAt'>,
): MeshOperation<Decision<Watcher, { readonly code: 'TOO_MANY_BROWSERS'; readonly max: number }>> => ({
  keys: [meshKey('watcher', watcher.id), meshKey('census', '')],
  decide: (view, now) => {
    const known = view.get('watcher', watcher.id)
    if (known !== undefined && known.label === watcher.label) return { writes: [], answer: accept(known) }
    if (known === undefined && (view.get('census', '')?.watchers ?? 0) >= WATCHERS_MAX)
      return { writes: [], answer: refuse({ code: 'TOO_MANY_BROWSERS', max: WATCHERS_MAX }) }
    const value: Watcher = { ...watcher, createdAt: known?.createdAt ?? now }
    return { writes: [{ put: 'watcher', value }], answer: accept(value) }
  },
})

/** Calls it no more. False: it was not called. */
export const dropWatcher = (command: { readonly id: string }): MeshOperation<boolean> => ({
  keys: [meshKey('watcher', command.id)],
  decide: (view) =>
    view.get('watcher', command.id) === undefined
      ? { writes: [], answer: false }
      : { writes: [{ drop: 'watcher', id: command.id }], answer: true },
})

export const readNotices = (): MeshOperation<NoticeTable> => ({
  keys: [meshKey('noticeTable', '')],
  decide: (view) => ({ writes: [], answer: view.get('noticeTable', '') ?? NOTICES_AT_FIRST }),
})

export const chooseNotices = (table: NoticeTable): MeshOperation<NoticeTable> => ({
  keys: [meshKey('noticeTable', '')],
  decide: () => ({ writes: [{ put: 'noticeTable', value: table }], answer: table }),
})

/** The kind of notice that an event of devices is worth; null: none. */
export function noticeOf(event: PairingEvent): NoticeKind | null {
  if (event.type !== 'NodeRevoked') return NOTICED[event.type] ?? null
  // The operator need not be called for what the operator did.
  return event.actor === 'device' || event.actor === 'broker' ? 'device-ended' : null
}

const NOTICED: Partial<Readonly<Record<PairingEvent['type'], NoticeKind>>> = {
  DeviceScanned: 'device-asks',
  DeviceRegistered: 'device-joined',
  NodeJoinedByKey: 'device-joined',
  NodeEndTold: 'device-ended',
}
