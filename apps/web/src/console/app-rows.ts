import type { RunnerView } from '@latchkey/protocol/console'
import type { ListedApp } from '@latchkey/protocol/runner-apps'

type PairedApp = RunnerView['apps'][number]

/** One app of a machine, by the facts of the machine and of the broker. */
export interface AppRow {
  readonly key: string
  readonly label: string
  /** tells apps of one name apart; null for a name that only one has */
  readonly mark: string | null
  /** as the machine knows it; null for an app that only the broker knows */
  readonly known: ListedApp | null
  readonly connected: boolean
  /** where its connection comes from; null while it has none that the broker knows */
  readonly address: string | null
  readonly sinceMs: number
  /** null when it was never let in */
  readonly lastSeenAtMs: number | null
  readonly isOwn: boolean
}

/** As many characters of an id as a person compares, and as `latchkey revoke` takes. */
const MARK_CHARACTERS = 4

/**
 * One row an app: those that are here first, then the one seen last.
 * @param known the machine's list; null before its answer
 * @param ownAppId the id of this browser in that list
 */
export function appRows(
  paired: readonly PairedApp[],
  known: readonly ListedApp[] | null,
  ownAppId: string | null,
): readonly AppRow[] {
  const joined = (known ?? []).map((app) => rowOfKnown(app, sessionsOf(app, paired), ownAppId))
  const taken = new Set((known ?? []).flatMap((app) => sessionsOf(app, paired)))
  const others = paired.filter((session) => !taken.has(session)).map(rowOfPaired)
  const rows = [...joined, ...others].sort(
    (one, other) =>
      Number(other.connected) - Number(one.connected) ||
      (other.lastSeenAtMs ?? other.sinceMs) - (one.lastSeenAtMs ?? one.sinceMs),
  )
  const names = rows.map(({ label }) => label)
  const isShared = (label: string) => names.indexOf(label) !== names.lastIndexOf(label)
  return rows.map((row) => ({ ...row, mark: isShared(row.label) ? row.key.slice(0, MARK_CHARACTERS) : null }))
}

/** Machines of older versions do not say in which sessions an app came: there the name has to do, where it is the only one. */
function sessionsOf(app: ListedApp, paired: readonly PairedApp[]): readonly PairedApp[] {
  if (app.sessions !== undefined)
    return paired.filter(({ appSessionId }) => app.sessions?.includes(appSessionId))
  const namesakes = paired.filter(({ label }) => label === app.label)
  return namesakes.length === 1 ? namesakes : []
}

function rowOfKnown(app: ListedApp, sessions: readonly PairedApp[], ownAppId: string | null): AppRow {
  const front = sessions.find(({ connected }) => connected) ?? sessions.at(-1)
  return {
    key: app.app,
    label: app.label,
    mark: null,
    known: app,
    connected: front?.connected ?? false,
    address: front?.address ?? null,
    sinceMs: app.createdAt,
    lastSeenAtMs: app.lastSeenAt,
    isOwn: app.app === ownAppId,
  }
}

const rowOfPaired = (session: PairedApp): AppRow => ({
  key: session.appSessionId,
  label: session.label,
  mark: null,
  known: null,
  connected: session.connected,
  address: session.address,
  sinceMs: session.pairedAt,
  lastSeenAtMs: null,
  isOwn: false,
})
