import { NOTICE_KINDS } from '@latchkey/domain/device-pairing/records'
import { z } from 'zod'
import { digestHex, momentMs } from './fields.ts'
import { pushEndpoint, pushOutcome, vapidPublicKey } from './push.ts'

/**
 * Notices to the operator: a push message without content, which the browser shows as "something happened". For the operator, under
 * `/operator/notices`.
 */

export const noticeKind = z.enum(NOTICE_KINDS)
export type NoticeKind = z.output<typeof noticeKind>

/** `GET /operator/notices`, and the answer to each change. */
export const noticesReply = z.object({
  /** the kinds that are sent */
  on: z.array(noticeKind),
  /** the operator's browsers that are called; `id` is SHA-256 of the endpoint, hex */
  browsers: z.array(z.object({ id: digestHex, label: z.string(), since: momentMs })),
  /** what browsers subscribe with; null: this broker sends no push messages */
  pushKey: vapidPublicKey.nullable(),
})
export type NoticesReply = z.output<typeof noticesReply>

/** `PATCH /operator/notices`: the kinds that are sent from now on. */
export const noticesRequest = z.object({ on: z.array(noticeKind).max(noticeKind.options.length) })

const LABEL_CHARS_MAX = 64
/** `POST /operator/notices/browsers`: this browser is called, too. */
export const watchRequest = z.object({ endpoint: pushEndpoint, label: z.string().max(LABEL_CHARS_MAX) })

/** `POST /operator/notices/test`: calls every browser now, and says what each push service answered. */
export const noticesTestReply = z.object({
  called: z.array(z.object({ id: digestHex, outcome: pushOutcome })),
})
