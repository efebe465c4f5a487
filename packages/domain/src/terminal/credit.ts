import { assertNever } from '../kernel.ts'
import type { Kept } from './output-ring.ts'

/** The smallest window an app ever has, so it holds from the moment of attaching, before its first grant arrives. */
export const WINDOW_BYTES_MIN = 32 * 1024
/** More than this is never under way to one viewer of one terminal, whatever it grants. */
export const WINDOW_BYTES_MAX = 1024 * 1024
/** For so long may viewers who take nothing hold up a program; then it goes on without them. */
export const STALL_MS_MAX = 5_000

/**
 * One viewer's place in one terminal's output. `sent`: it has been sent everything below; `granted`: it takes output
 * below this offset.
 */
export type Viewing = Place &
  (
    | { readonly status: 'following' }
    /** what it still needs is gone, or it held everybody up: it is brought back by a snapshot once it shows life */
    | { readonly status: 'lagging' }
    /** a snapshot is being made for it */
    | { readonly status: 'restoring' }
  )
interface Place {
  readonly sent: number
  readonly granted: number
}

/** A viewer that has the output up to `offset`. */
export const following = (offset: number): Viewing => ({
  status: 'following',
  sent: offset,
  granted: offset + WINDOW_BYTES_MIN,
})

/** A viewer that needs a snapshot first; `sent` is the offset up to which it has the output. */
export const restoring = (sent: number): Viewing => ({ status: 'restoring', sent, granted: sent })

/**
 * The viewer takes output below `upTo`. Grants only grow. One that was lagging is back by showing that it draws: it goes on
 * where it was if that is still kept, and needs a snapshot otherwise.
 */
export function grant(viewing: Viewing, upTo: number, kept: Kept): Viewing {
  const granted = Math.min(upTo, viewing.sent + WINDOW_BYTES_MAX)
  if (granted <= viewing.granted) return viewing
  switch (viewing.status) {
    case 'following':
    case 'restoring':
      return { ...viewing, granted }
    case 'lagging':
      return { status: viewing.sent < kept.start ? 'restoring' : 'following', sent: viewing.sent, granted }
    default:
      return assertNever(viewing)
  }
}

/** What may be sent now: [from, to), not empty; or null. */
export function sendable(viewing: Viewing, end: number, bytesMax: number): Kept | null {
  if (viewing.status !== 'following') return null
  const to = Math.min(end, viewing.granted, viewing.sent + bytesMax)
  return to > viewing.sent ? { start: viewing.sent, end: to } : null
}

export const sentUpTo = (viewing: Viewing, offset: number): Viewing => ({ ...viewing, sent: offset })

/** The snapshot at `offset` was sent: output goes on from there. */
export const restored = (viewing: Viewing, offset: number): Viewing => ({
  status: 'following',
  sent: offset,
  granted: Math.max(viewing.granted, offset + WINDOW_BYTES_MIN),
})

/** Whether output that this viewer still needs has left the ring. */
export const lostBacklog = (viewing: Viewing, kept: Kept): boolean =>
  viewing.status === 'following' && viewing.sent < kept.start

/** It lost its backlog, or held everybody up for too long. */
export const lag = (viewing: Viewing): Viewing => ({ ...viewing, status: 'lagging' })

/** Whether it follows and has used up what it granted, so that only a grant of its own moves it on. */
export const isOutOfCredit = (viewing: Viewing, end: number): boolean =>
  viewing.status === 'following' && viewing.granted <= end
