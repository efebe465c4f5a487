import { accept, type Decision, refuse } from '../kernel.ts'

/** The rules of share links: a link opens one terminal of a machine, for a time, to so many browsers. */

/** A link ends after an hour, where nothing else was said. */
export const SHARE_MS_DEFAULT = 60 * 60_000
/** The longest life of a link. */
export const SHARE_MS_MAX = 7 * 24 * 60 * 60_000
/** The shortest: less is no time to pass it on. */
export const SHARE_MS_MIN = 60_000
/** So many links of one machine at a time: a person overlooks no more. */
export const SHARES_MAX = 16
/** So many browsers may be let in by one link: a terminal shows its viewers one by one. */
export const SHARE_GUESTS_MAX = 16

/** A browser that came by a link. The link knows it by its key: it comes back without being counted again. */
export interface ShareGuest {
  /** its X25519 key, base64url */
  readonly key: string
  /** how its channels are called: 16 bytes in hex */
  readonly app: string
  readonly label: string
  readonly firstSeenAtMs: number
  readonly lastSeenAtMs: number
  /** the greatest time it has greeted with, by its own clock */
  readonly greetedAtMs: number
}

export interface Share {
  /** 8 bytes in hex, in the link */
  readonly id: string
  readonly terminal: number
  /** when the terminal's program began: a later terminal of the same number is another one */
  readonly startedAtMs: number
  /** guests may type; otherwise they look */
  readonly type: boolean
  /** earlier output is shown to guests as well */
  readonly history: boolean
  readonly createdAtMs: number
  readonly endsAtMs: number
  /** so many browsers may use it */
  readonly guestsMax: number
  /** those that have used it */
  readonly guests: readonly ShareGuest[]
}

/** What a person says about a new link. */
export interface ShareWish {
  readonly terminal: number
  readonly type: boolean
  readonly history: boolean
  readonly forMs: number
  readonly guestsMax: number
}

export type ShareRefusal = 'too-many-links' | 'bad-time' | 'bad-count'

/** A new link, beside those that are open. */
export function newShare(
  wish: ShareWish,
  made: { readonly id: string; readonly startedAtMs: number; readonly openShares: number },
  nowMs: number,
): Decision<Share, ShareRefusal> {
  const { forMs, guestsMax, ...rest } = wish
  if (!(forMs >= SHARE_MS_MIN && forMs <= SHARE_MS_MAX)) return refuse('bad-time')
  if (!Number.isInteger(guestsMax) || guestsMax < 1 || guestsMax > SHARE_GUESTS_MAX)
    return refuse('bad-count')
  if (made.openShares >= SHARES_MAX) return refuse('too-many-links')
  const { id, startedAtMs } = made
  return accept({
    ...rest,
    id,
    startedAtMs,
    guestsMax,
    createdAtMs: nowMs,
    endsAtMs: nowMs + forMs,
    guests: [],
  })
}

/** Whether the link opens anything now. A clock that was set back to before its beginning does not lengthen it. */
export const isOpen = (share: Share, nowMs: number): boolean =>
  nowMs < share.endsAtMs && nowMs >= share.createdAtMs - CLOCK_STEP_MS
const CLOCK_STEP_MS = 5 * 60_000

/** A browser that has proved the link's secret and its own key. */
export interface Arriving {
  readonly key: string
  readonly label: string
  readonly greetedAtMs: number
  /** for one that is new */
  readonly freshApp: string
}

/**
 * The link with this guest in it. `ended`: its time is over. `full`: as many other browsers have used it. `replayed`: the
 * greeting is not newer than the last one of this key.
 */
export function admitGuest(
  share: Share,
  arriving: Arriving,
  nowMs: number,
): Decision<{ readonly share: Share; readonly guest: ShareGuest }, 'ended' | 'full' | 'replayed'> {
  if (!isOpen(share, nowMs)) return refuse('ended')
  const { key, greetedAtMs } = arriving
  const label = arriving.label || 'guest'
  const before = share.guests.find((guest) => guest.key === key)
  if (before === undefined && share.guests.length >= share.guestsMax) return refuse('full')
  if (before !== undefined && greetedAtMs <= before.greetedAtMs) return refuse('replayed')
  const guest: ShareGuest = {
    key,
    app: before?.app ?? arriving.freshApp,
    label,
    firstSeenAtMs: before?.firstSeenAtMs ?? nowMs,
    lastSeenAtMs: nowMs,
    greetedAtMs,
  }
  const others = share.guests.filter((one) => one !== before)
  return accept({ share: { ...share, guests: [...others, guest] }, guest })
}
