import { accept, type Decision, type Instant, refuse } from '../kernel.ts'
import { meshKey } from './deciding.ts'
import type { PairingEvent } from './events.ts'
import type { MeshOperation } from './ports.ts'

/** What an operator may want to be called for. */
export const NOTICE_KINDS = [
  'device-asks',
  'device-joined',
  'device-ended',
  'machine-offline',
  'guessing',
  'account-stopped',
] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** The one table of what is sent. */
export interface NoticeTable {
  readonly on: readonly NoticeKind[]
}

/** What is sent before the operator has chosen: what may be an attack, or needs an answer. */
export const NOTICES_AT_FIRST: NoticeTable = {
  on: ['device-asks', 'device-joined', 'guessing', 'account-stopped'],
}

/** A browser of the operator that is called. */
export interface Watcher {
  /** SHA-256 of its endpoint, lower-case hex */
  readonly id: string
  /** where its push service takes messages; whoever knows it can ring it */
  readonly endpoint: string
  /** how it calls itself, for people */
  readonly label: string
  readonly createdAt: Instant
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

/** What an event of devices is to an operator who looks elsewhere; null: nothing to be called for. */
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
