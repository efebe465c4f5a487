import { AccountReason } from '@latchkey/domain/accounts/reasons'
import { z } from 'zod'
import { call } from './call.ts'
import { count, momentMs } from './fields.ts'

/** The wire of WhatsApp linking: Socket.IO, namespace `/marketplace`, the founding event names with fields added. */

export const MARKETPLACE = '/marketplace'

/** Judged by the domain, which answers with the reason; here only its size. */
const typedPhone = z.string().max(64)
/** Which text of risks a person agreed to. */
const wording = z.string().min(1).max(64)
const method = z.enum(['qr', 'code'])
const succeeded = z.literal(true)

/** Why something was refused or has failed. `code` is the founding word, `reason` the finer one. */
export const accountRefusal = z.object({
  success: z.literal(false),
  error: z.string(),
  code: z.string(),
  reason: z.enum(AccountReason),
  /** for people who read logs; a page has texts of its own */
  message: z.string(),
  /** from then on another try may succeed */
  retryAt: momentMs.optional(),
  /** the phone said yes before it ended: it lists a device that a person has to remove there */
  deviceLeft: z.boolean().optional(),
  /** names this failure in the broker's log */
  correlationId: z.string(),
})
export type AccountRefusalReply = z.output<typeof accountRefusal>

const accepted = z.object({ success: succeeded })

export const accountCalls = {
  /** Shows QRs until one is scanned or they run out. Asked again while they are shown, it changes nothing. */
  'request-qr': call(z.object({ consent: wording.optional() }).optional(), accepted, {
    succeeds: null,
    fails: 'error',
  }),
  /** One code for one number. The code itself comes as `pairing-code`, once WhatsApp has confirmed it. */
  'request-pairing-code': call(z.object({ phoneNumber: typedPhone, consent: wording.optional() }), accepted, {
    succeeds: null,
    fails: 'pairing-code-error',
  }),
  /** Ends the attempt that runs, also one that another page began. */
  'cancel-link': call(z.object({}).optional(), accepted, { succeeds: null, fails: 'error' }),
  /** Removes this device from the account; `pending` when that has to wait for a connection. */
  unlink: call(
    z.object({}).optional(),
    z.object({
      success: succeeded,
      pending: z.boolean(),
      /** WhatsApp is never told: a person has to remove the device on the phone */
      deviceLeft: z.boolean().optional(),
    }),
    { succeeds: null, fails: 'error' },
  ),
  /** Tries a linked account that is stopped, or waits for its next connection, now. */
  'retry-link': call(z.object({}).optional(), accepted, { succeeds: null, fails: 'error' }),
}

/** Everything a page shows, whole: told on every connect and after every change. */
export const accountState = z.object({
  state: z.enum([
    'idle',
    'starting',
    'qr',
    'code_wanted',
    'code_shown',
    'finishing',
    'connected',
    'reconnecting',
    'unlinking',
    'stopped',
    'expired',
    'failed',
    'logged_out',
    'replaced',
    /** another broker holds this company's session: this one cannot say more */
    'elsewhere',
  ]),
  method: method.nullable(),
  qr: z.object({ text: z.string(), expiresAt: momentMs }).nullable(),
  code: z
    .object({
      code: z.string(),
      phoneNumber: z.string(),
      expiresAt: momentMs,
      /** before then asking again is refused */
      renewableAt: momentMs,
      /** somebody typed a code and the phone has not answered: most likely it was another one */
      isDoubtful: z.boolean(),
    })
    .nullable(),
  /** the number a code is being asked for, or that is linked */
  phoneNumber: z.string().nullable(),
  reason: z.enum(AccountReason).nullable(),
  retryAt: momentMs.nullable(),
  /** the phone lists a device that a person has to remove there; missing with brokers of before 0.2 */
  deviceLeft: z.boolean().optional(),
  consented: z.boolean(),
  company: z.string().nullable(),
  /** what a number without a country code is taken for, two letters */
  region: z.string(),
  serverTime: momentMs,
})
export type AccountState = z.output<typeof accountState>

/** What the broker says unasked, to every page of the company. */
export const accountFacts = {
  'link-state': accountState,
  'qr-update': z.object({
    qr: z.string(),
    /** whole seconds from now; `expiresAt` is the truth */
    expiresIn: count,
    expiresAt: momentMs,
  }),
  'pairing-code': z.object({
    /** `XXXX-XXXX` */
    code: z.string(),
    phoneNumber: z.string(),
    expiresIn: count,
    expiresAt: momentMs,
  }),
  'pairing-code-error': accountRefusal,
  error: accountRefusal,
  'whatsapp-connected': z.object({
    success: succeeded,
    phone: z.string(),
    sessionId: z.string(),
    message: z.string(),
  }),
}

/** The claims in the token of a linking page: HS256, with a secret of its own. */
export const companyTokenClaims = z.object({
  company_id: z.string().min(1).max(64),
  salon_id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  /** how the company calls itself, for its page */
  company: z.string().max(64).optional(),
  /** the wording it agreed to elsewhere */
  consent: wording.optional(),
})
export type CompanyTokenClaims = z.output<typeof companyTokenClaims>

/** `POST /operator/linking/links`: a page for one company. */
export const companyUrlRequest = z.object({
  companyId: z.string().min(1).max(64),
  salonId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  company: z.string().max(64).optional(),
})
export const companyUrlReply = z.object({ url: z.string(), expiresAt: momentMs })

/** `GET /operator/linking/sessions`: which companies have linked, or are linking; for the console. */
export const accountsOverview = z.object({
  sessions: z.array(
    z.object({
      sessionId: z.string(),
      /** whose it is, by the token; null until a page of the company has come, missing with brokers of before 0.2 */
      companyId: z.string().nullable().optional(),
      /** without its middle */
      maskedPhone: z.string().nullable(),
      state: accountState.shape.state,
      linkedAt: momentMs.nullable(),
    }),
  ),
  /** linked sessions that this broker has found and not opened yet */
  restoring: count,
})
export type AccountsOverview = z.output<typeof accountsOverview>
