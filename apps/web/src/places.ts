import { subject } from '@latchkey/connection/observable'

/** A place in the pages. It is in the address, so that a reload and the back button work as people expect. */
export type Place =
  /** `half`: the one that was chosen; absent, the page opens on what needs its person, if something does */
  | { readonly page: 'home'; readonly half?: HomeHalf }
  /** `link`: the fragment of a pairing URL, for as long as this page is open: it is secret */
  | { readonly page: 'pair'; readonly code: string | null; readonly link: string | null }
  /** `link`: the fragment of a share link, for as long as this page is open: it is secret */
  | { readonly page: 'guest'; readonly link: string | null }
  /** the devices of this browser's owner */
  | { readonly page: 'fleet' }
  /** what machines call this browser for */
  | { readonly page: 'notifications' }
  /** `question`: the id of one that is open over the terminal */
  | {
      readonly page: 'terminal'
      readonly runnerId: string
      readonly terminal: number | null
      readonly question?: string
    }
  | { readonly page: 'console'; readonly token: string | null; readonly section: ConsoleSection }
  /** `token`: from a pairing URL of the console; secret */
  | { readonly page: 'join'; readonly token: string | null }
  /** the operator answers a machine that asked without a pairing URL; `code`: the one it shows, or empty */
  | { readonly page: 'approve'; readonly code: string }
  /** a company links its WhatsApp account; `token` says which, and is secret */
  | { readonly page: 'link-whatsapp'; readonly token: string | null }
  /** no page is here */
  | { readonly page: 'nowhere'; readonly path: string }

export const HOME_HALVES = ['needs-me', 'machines'] as const
export type HomeHalf = (typeof HOME_HALVES)[number]

export const CONSOLE_SECTIONS = [
  'overview',
  'runners',
  'devices',
  'accounts',
  'programs',
  'activity',
] as const
export type ConsoleSection = (typeof CONSOLE_SECTIONS)[number]

/** The parts of an address that name a place. */
export interface Address {
  readonly path: string
  /** from its `?` on, or empty */
  readonly query: string
  /** from its `#` on, or empty */
  readonly fragment: string
}

/** The place of an address. A fragment that begins with `#/` is ours; any other is a secret. */
export function placeOf(
  { path, query, fragment }: Address,
  codeOf: (fragment: string) => string | null,
): Place {
  if (path === '/console') {
    const named = CONSOLE_SECTIONS.find((each) => fragment === `#/${each}`)
    const token = fragment.length > 1 && !fragment.startsWith('#/') ? fragment.slice(1) : null
    return { page: 'console', token, section: named ?? 'overview' }
  }
  // In the fragment the token reaches no log; the older form, in the query, is still understood.
  if (path === '/join')
    return { page: 'join', token: fragment.slice(1) || new URLSearchParams(query).get('token') || null }
  if (path === '/approve')
    return { page: 'approve', code: new URLSearchParams(query).get('user_code') ?? fragment.slice(1) }
  if (path === '/link-whatsapp') return { page: 'link-whatsapp', token: fragment.slice(1) || null }
  if (path === '/p') {
    const code = codeOf(fragment)
    return { page: 'pair', code, link: code === null ? null : fragment }
  }
  if (path === '/s') return { page: 'guest', link: fragment.length > 1 ? fragment.slice(1) : null }
  if (path !== '/' && path !== '/index.html') return { page: 'nowhere', path }
  if (fragment === '#/devices') return { page: 'fleet' }
  if (fragment === '#/notifications') return { page: 'notifications' }
  const [, runner = '', terminal, question] =
    /^#\/m\/([^/]+)(?:\/(\d{1,5})(?:\/q\/([0-9a-f]{32}))?)?$/.exec(fragment) ?? []
  const runnerId = decodedOrNothing(runner)
  if (runnerId !== '')
    return {
      page: 'terminal',
      runnerId,
      terminal: terminal === undefined ? null : Number(terminal),
      ...(question === undefined ? {} : { question }),
    }
  const half = HOME_HALVES.find((each) => fragment === `#/${each}`)
  return half === undefined ? { page: 'home' } : { page: 'home', half }
}

/** An address may be typed or cut off: an unreadable part is empty. */
function decodedOrNothing(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}

/** The address of a place, without any secret. */
export function addressOf(place: Place): string {
  switch (place.page) {
    case 'home':
      return place.half === undefined ? '/' : `/#/${place.half}`
    case 'notifications':
      return '/#/notifications'
    case 'pair':
      return '/p'
    case 'guest':
      return '/s'
    case 'fleet':
      return '/#/devices'
    case 'terminal':
      return `/#/m/${encodeURIComponent(place.runnerId)}${tailOf(place)}`
    case 'join':
      return '/join'
    case 'approve':
      return '/approve'
    case 'link-whatsapp':
      return '/link-whatsapp'
    case 'nowhere':
      return place.path
    case 'console':
      return place.section === 'overview' ? '/console' : `/console#/${place.section}`
  }
}

function tailOf({ terminal, question }: Extract<Place, { readonly page: 'terminal' }>): string {
  if (terminal === null) return ''
  return question === undefined ? `/${terminal}` : `/${terminal}/q/${question}`
}

export const place = subject<Place>({ page: 'home' })

/** Reads the address once, and wipes its secrets from the bar and from the history. */
export function startPlaces(codeOf: (fragment: string) => string | null): void {
  const read = () => {
    const now = placeOf({ path: location.pathname, query: location.search, fragment: location.hash }, codeOf)
    history.replaceState(history.state, '', addressOf(now))
    place.set(now)
  }
  read()
  addEventListener('popstate', read)
  // After a move within the page both events come: the first has wiped the secrets already.
  addEventListener('hashchange', () => location.hash !== '' && read())
}

export function goTo(next: Place): void {
  const overHome = place.current.page === 'home' && location.pathname === '/'
  history.pushState(overHome ? { overHome } : null, '', addressOf(next))
  place.set(next)
}

/** Another tab of the same page: no entry in the history, else "back" would walk through all tabs. */
export function stayAs(next: Place): void {
  history.replaceState(null, '', addressOf(next))
  place.set(next)
}

/**
 * From a finished page (a typed code) on to the terminals. The finished page leaves the history: "back" from a terminal is
 * the list of machines, never the spent code.
 */
export function goOnTo(next: Place): void {
  if (!isOverHome(history.state)) {
    history.replaceState(null, '', addressOf({ page: 'home' }))
    history.pushState(null, '', addressOf(next))
  } else history.replaceState(null, '', addressOf(next))
  place.set(next)
}

/** Whether the entry below this one in the history is the list already. */
const isOverHome = (state: unknown): boolean =>
  typeof state === 'object' && state !== null && 'overHome' in state && state.overHome === true

/** Leaves a question: back to the list that it was opened from, else to the terminal that it lies over. */
export function leaveQuestion(): void {
  const now = place.current
  if (now.page !== 'terminal') return
  if (isOverHome(history.state)) return history.back()
  const { question: _, ...below } = now
  stayAs(below)
}

export const goHome = (): void => goTo({ page: 'home' })
export const goPair = (): void => goTo({ page: 'pair', code: null, link: null })
