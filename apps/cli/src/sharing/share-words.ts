import {
  SHARE_GUESTS_MAX,
  SHARE_MS_DEFAULT,
  SHARE_MS_MAX,
  SHARE_MS_MIN,
} from '@latchkey/domain/sharing/share'
import { printable } from '@latchkey/protocol/printable'
import type { ListedShare } from '@latchkey/protocol/terminal/shares'

/** How long a link lives: `30m`, `8h`, `2d`; an hour by default. Null for another text, or beyond the limits. */
export function readLifetime(text: string | undefined): number | null {
  if (text === undefined) return SHARE_MS_DEFAULT
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text.trim()) ?? []
  const lifeMs = Number(count) * (UNIT_MS[unit] ?? Number.NaN)
  return lifeMs >= SHARE_MS_MIN && lifeMs <= SHARE_MS_MAX ? lifeMs : null
}
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** How many browsers may use a link; one by default. Null for another text, or beyond the limit. */
export function readGuests(text: string | undefined): number | null {
  const count = Number(text ?? 1)
  return Number.isInteger(count) && count >= 1 && count <= SHARE_GUESTS_MAX ? count : null
}

/** The address of the page for guests. The fragment stays behind the `#`, where no server sees it. */
export const shareUrl = (page: string, fragment: string): string => `${page.replace(/\/$/, '')}/s#${fragment}`

/** One link in a line: "1f3a9c02  build: watch, 1 of 1 browsers (Firefox, here now), until 2026-12-01 18:00 UTC". */
export function shareLine(share: ListedShare & { readonly name: string }): string {
  const { guests, guestsMax, mayType, history, endsAt } = share
  const named = guests.map(({ label, here }) => `${printable(label)}${here ? ', here now' : ''}`)
  const used = `${guests.length} of ${guestsMax} ${guestsMax === 1 ? 'browser' : 'browsers'}`
  const may = [mayType ? 'type' : 'watch', ...(history ? ['see what was printed before'] : [])].join(', ')
  const until = new Date(endsAt).toISOString().slice(0, 16).replace('T', ' ')
  const names = named.length === 0 ? '' : ` (${named.join('; ')})`
  return `${share.share.slice(0, 8)}  ${printable(share.name)}: ${may}, ${used}${names}, until ${until} UTC`
}
