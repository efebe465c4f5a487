import { AccountReason } from '@latchkey/domain/accounts/reasons'
import { z } from 'zod'
import { accountState } from './accounts.ts'
import { count, momentMs } from './fields.ts'

/** WhatsApp accounts over HTTP: the same single flight, limits and reasons as the page of a company. */

const PAGE_MAX = 500
const PAGE_DEFAULT = 100
const NAME_CHARACTERS_MAX = 200

/** `GET /accounts`: in the order of their ids. */
export const accountsQuery = z.strictObject({
  /** the `next` of the page before */
  after: z.string().min(1).max(200).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
})

export const accountView = z.object({
  id: z.string(),
  companyId: z.string().nullable(),
  /** how the operator calls the company; null: by its id */
  companyName: z.string().nullable(),
  /** without its middle; null while nothing is linked */
  maskedPhone: z.string().nullable(),
  state: accountState.shape.state,
  /** since when, by this broker; null where it does not know */
  since: momentMs.nullable(),
  /** why it is stopped, failed or ended; null otherwise */
  reason: z.enum(AccountReason).nullable(),
  /** what to do next */
  advice: z.enum([
    'none',
    'wait',
    'link',
    'scan-qr',
    'enter-code',
    'remove-device',
    'reconnect',
    'end-other-use',
    'ask-again',
  ]),
  /** when it is tried again by itself, or may be tried again; null where no time is known */
  retryAt: momentMs.nullable(),
  linkedAt: momentMs.nullable(),
  /** scheme, host and port of its proxy; null: it connects directly; missing with brokers of before 0.2 */
  proxy: z.string().nullable().optional(),
})
export type AccountView = z.output<typeof accountView>

export const accountsReply = z.object({
  accounts: z.array(accountView),
  /** `after` of the next page; null when this is the last */
  next: z.string().nullable(),
  /** linked accounts that this broker has found and not opened yet */
  restoring: count,
})
export const accountReply = z.object({ account: accountView })

const companyName = z.string().max(NAME_CHARACTERS_MAX).nullable()

/** `POST /accounts`: the account of a company, made if it is new. Nothing is asked of WhatsApp. */
export const claimAccountRequest = z.strictObject({
  companyId: z.string().min(1).max(64),
  salonId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  companyName: companyName.optional(),
})

/** `PATCH /accounts/{id}`. */
export const nameAccountRequest = z.strictObject({ companyName })

/** Which wording of the risks somebody of the company agreed to: needed once for each account. */
const consent = z.string().min(1).max(64).optional()

/** `POST /accounts/{id}/proxy`: `http://` or `socks5://`, with a port; name and password percent-encoded. */
export const accountProxyRequest = z.strictObject({ proxy: z.string().min(1).max(2_048).nullable() })

/** What a phone lists a device as. With a code WhatsApp allows names of known systems only. */
export const deviceNameOnPhone = z
  .string()
  .regex(/^(?! )[^\p{C}]{1,40}(?<! )$/u, 'must have 1 to 40 characters that can be seen')

/** `POST /accounts/{id}/qr`. */
export const startQrRequest = z.strictObject({ consent, deviceName: deviceNameOnPhone.optional() })
/** `POST /accounts/{id}/code`. */
export const startCodeRequest = z.strictObject({ phoneNumber: z.string().max(64), consent })

/** `GET /accounts/{id}/code`: the code for the phone. */
export const accountCodeReply = z.object({
  /** `XXXX-XXXX` */
  code: z.string(),
  phoneNumber: z.string(),
  expiresAt: momentMs,
  /** before then asking again is refused */
  renewableAt: momentMs,
  /** a code was typed and the phone has not answered: most likely it was another one */
  isDoubtful: z.boolean(),
})

/** `POST /accounts/{id}/unlink`. */
export const unlinkReply = z.object({
  account: accountView,
  /** WhatsApp is told once there is a connection */
  pending: z.boolean(),
  /** WhatsApp is never told: a person has to remove the device on the phone */
  deviceLeft: z.boolean(),
})
