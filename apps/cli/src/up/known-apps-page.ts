import type { ListedApp } from '@latchkey/protocol/runner-apps'
import { rightsInWords } from '../owner/rights.ts'
import { cutTo } from './text-width.ts'
import type { View } from './view.ts'

/** One key chooses an app, so that no more are on the page; `latchkey apps` lists all. */
const LISTED_MAX = 9
/** The heading, the blank rows, the keys, the note and the row of the cursor. */
const OTHER_ROWS = 9
const NAME_COLUMNS_MAX = 28

/** What the page of known apps shows; a value, so that each key gives the next one. */
export interface KnownAppsPage {
  /** null until the runner has answered */
  readonly apps: readonly ListedApp[] | null
  /** the id of the chosen one */
  readonly chosen: string | null
  /** the next `x` revokes the chosen one */
  readonly sure: boolean
}

export const EMPTY_PAGE: KnownAppsPage = { apps: null, chosen: null, sure: false }

/** The page with the runner's answer. An app that is gone is not chosen any more. */
export const withApps = (page: KnownAppsPage, apps: readonly ListedApp[]): KnownAppsPage => {
  const stays = apps.some(({ app }) => app === page.chosen)
  return { apps: newestFirst(apps), chosen: stays ? page.chosen : null, sure: stays && page.sure }
}

/** What a key does on the page; null for a key that is none of its own. */
export function pressedOn(
  page: KnownAppsPage,
  key: string,
): { readonly page: KnownAppsPage; readonly revoke: string | null } | null {
  if (/^[1-9]$/.test(key)) {
    const chosen = page.apps?.[Number(key) - 1]?.app
    return { page: chosen === undefined ? page : { ...page, chosen, sure: false }, revoke: null }
  }
  if (key !== 'x') return null
  if (page.chosen === null) return { page, revoke: null }
  return page.sure
    ? { page: { ...page, chosen: null, sure: false }, revoke: page.chosen }
    : { page: { ...page, sure: true }, revoke: null }
}

/** The page as lines. */
export function knownAppsScreen(view: View, { apps, chosen, sure }: KnownAppsPage): string[] {
  const { paint, columns, rows } = view
  const width = Math.max(20, columns - 3)
  const said = (text: string) => cutTo(text, width - 2).map((line) => `  ${line}`)
  const room = Math.max(1, Math.min(LISTED_MAX, rows - OTHER_ROWS))
  const listed = (apps ?? []).slice(0, room)
  const named = listed.find(({ app }) => app === chosen)
  const more = (apps ?? []).length - listed.length
  const body =
    apps === null
      ? said('Asking the runner…')
      : apps.length === 0
        ? said('No app is known here yet.')
        : listed.flatMap((app, at) => rowOf(view, app, at, app.app === chosen).slice(0, 1))
  return [
    '',
    `  ${paint.strong('Apps that come back without a PIN')}`,
    '',
    ...body,
    ...(more > 0 ? said(paint.faint(`and ${more} more: latchkey apps`)) : []),
    '',
    ...(sure && named !== undefined
      ? said(`Revoke ${named.label}? Its connection ends at once. x revokes it, Esc keeps it.`)
      : said(
          listed.length === 0
            ? 'Esc back'
            : `1-${listed.length} choose   ${named === undefined ? '' : 'x revoke   '}Esc back`,
        ).map(paint.faint)),
    ...said('Devices of the mesh are in the console: o').map(paint.faint),
  ]
}

function rowOf(view: View, app: ListedApp, at: number, isChosen: boolean): string[] {
  const { nowMs, state, paint } = view
  const isHere = state.apps.some(
    ({ appSessionId, channels }) => channels > 0 && app.sessions?.includes(appSessionId) === true,
  )
  const may = app.standing === 'held' ? 'shut out: two apps used its keys' : rightsInWords(app)
  const name = app.label.slice(0, NAME_COLUMNS_MAX).padEnd(NAME_COLUMNS_MAX)
  const when = isHere ? 'here now' : `last here ${ago(nowMs - app.lastSeenAt)}`
  const line = `${isChosen ? '>' : ' '} ${at + 1}  ${name}  ${may}, ${when}`
  return cutTo(line, view.columns - 3).map((each) => `  ${isChosen ? paint.strong(each) : each}`)
}

/** "2 min ago", "5 h ago", "3 d ago". */
function ago(spanMs: number): string {
  const minutes = Math.max(0, Math.round(spanMs / 60_000))
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 1440)} d ago`
}

const newestFirst = (apps: readonly ListedApp[]): readonly ListedApp[] =>
  apps.toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)
