import { SHARE_GUESTS_MAX, SHARE_MS_MAX, SHARE_MS_MIN, SHARES_MAX } from '@latchkey/domain/sharing/share'
import { z } from 'zod'
import { momentMs } from '../fields.ts'

/** Share links, which an app that may type makes, sees and ends. A link opens one terminal to a guest. */

const terminal = z.number().int().min(0).max(0xffff)
const request = z.number().int().nonnegative().max(0xffffffff)
/** 8 bytes, hex */
const share = z.string().regex(/^[0-9a-f]{16}$/)

/** Answered by `shared` or `shareRefused`. */
export const shareTerminalFields = {
  request,
  terminal,
  /** guests may type; otherwise they look */
  mayType: z.boolean(),
  /** earlier output is shown to guests as well */
  history: z.boolean(),
  forMs: z.number().int().min(SHARE_MS_MIN).max(SHARE_MS_MAX),
  /** so many browsers may use it; each comes back until the end */
  guestsMax: z.number().int().min(1).max(SHARE_GUESTS_MAX),
}
/** Guests that are there leave at once. */
export const shareEndFields = { share }
/** `fragment`: secret; it goes behind the `#` of the page for guests, and is said once */
export const sharedFields = { request, share, fragment: z.string().max(256) }
/** `message`: for a person */
export const shareRefusedFields = { request, message: z.string().max(256) }

const guest = z.object({ label: z.string().max(64), here: z.boolean(), lastSeenAt: momentMs })
/** A link without its secret. */
export const listedShare = z.object({
  share,
  terminal,
  mayType: z.boolean(),
  history: z.boolean(),
  createdAt: momentMs,
  endsAt: momentMs,
  guestsMax: z.number().int(),
  guests: z.array(guest).max(SHARE_GUESTS_MAX),
})
export type ListedShare = z.output<typeof listedShare>
/** Every link of the machine, after `welcome` and whenever one has changed. */
export const sharesFields = { shares: z.array(listedShare).max(SHARES_MAX) }
