import { accept, type Decision, type Instant, instant, refuse } from '../kernel.ts'
import type { AccountSessionId, PhoneNumber } from './account.ts'
import { type CodeBudgetKind, chargeCode, codeBudgetEndsAt, coolDown } from './code-budget.ts'
import { type AccountLease, isHeld, LEASE_MS, mayWrite, takeLease } from './lease.ts'
import type { AccountKey, AccountOperation, AccountView, AccountWrite } from './ports.ts'
import { type AccountRefusal, refusalFor } from './reasons.ts'
import { type AccountProxy, type AccountRecord, newAccountRecord } from './records.ts'

const sessionKey = (id: AccountSessionId): AccountKey => ({ kind: 'session', id })
/** Records of an older release lack the newer fields. */
const recordOf = (view: AccountView, id: AccountSessionId): AccountRecord => ({
  ...newAccountRecord(id),
  ...view.get('session', id),
})
const put = (value: AccountRecord): AccountWrite => ({
  put: 'session',
  id: value.sessionId,
  value,
  sweepAt: null,
})

/**
 * The subject of a request for a code. `phoneKey` stands for the number in the records, in either spelling: a keyed
 * digest, made by the shell.
 */
export interface CodeRequest {
  readonly sessionId: AccountSessionId
  readonly phoneKey: string
  /** what the client's address is counted as */
  readonly address: string
}

/** One code more, on all three budgets or on none; refused while another company has the number. */
export function admitCode({
  sessionId,
  phoneKey,
  address,
}: CodeRequest): AccountOperation<Decision<null, AccountRefusal>> {
  const drawn: ReadonlyArray<readonly [CodeBudgetKind, string]> = [
    ['session', `session:${sessionId}`],
    ['phone', `phone:${phoneKey}`],
    ['address', `address:${address}`],
  ]
  return {
    keys: [{ kind: 'phone', id: phoneKey }, ...drawn.map(([, id]): AccountKey => ({ kind: 'budget', id }))],
    decide: (view, now) => {
      const holder = view.get('phone', phoneKey)
      if (holder !== undefined && holder.sessionId !== sessionId)
        return { writes: [], answer: refuse(refusalFor('NUMBER_UNAVAILABLE')) }
      const writes: AccountWrite[] = []
      for (const [kind, id] of drawn) {
        const charged = chargeCode(view.get('budget', id), kind, now)
        if (!charged.ok) return { writes: [], answer: charged }
        const value = charged.value
        writes.push({ put: 'budget', id, value, sweepAt: codeBudgetEndsAt(value, now) })
      }
      return { writes, answer: accept(null) }
    },
  }
}

/** What an operation would answer now, and writes nothing. */
export const lookedAt = <Answer>({ keys, decide }: AccountOperation<Answer>): AccountOperation<Answer> => ({
  keys,
  decide: (view, now) => ({ ...decide(view, now), writes: [] }),
})

/** One round of QRs more for a session. */
export const admitQr = (sessionId: AccountSessionId): AccountOperation<Decision<null, AccountRefusal>> => ({
  keys: [{ kind: 'budget', id: `qr:${sessionId}` }],
  decide: (view, now) => {
    const id = `qr:${sessionId}`
    const charged = chargeCode(view.get('budget', id), 'qr', now)
    if (!charged.ok) return { writes: [], answer: charged }
    const value = charged.value
    return {
      writes: [{ put: 'budget', id, value, sweepAt: codeBudgetEndsAt(value, now) }],
      answer: accept(null),
    }
  },
})

/** WhatsApp answered that there were too many codes: the session and the number pause. Answers until when. */
export const pauseCodes = ({
  sessionId,
  phoneKey,
}: Pick<CodeRequest, 'sessionId' | 'phoneKey'>): AccountOperation<Instant> =>
  pause([`session:${sessionId}`, `phone:${phoneKey}`])

/** WhatsApp answered that there were too many connections: the session asks for neither code nor QR until then. */
export const pauseConnections = (sessionId: AccountSessionId): AccountOperation<Instant> =>
  pause([`session:${sessionId}`, `qr:${sessionId}`])

function pause(ids: readonly string[]): AccountOperation<Instant> {
  return {
    keys: ids.map((id) => ({ kind: 'budget', id })),
    decide: (view, now) => {
      const budgets = ids.map((id) => ({ id, value: coolDown(view.get('budget', id), now) }))
      return {
        writes: budgets.map(({ id, value }) => ({
          put: 'budget',
          id,
          value,
          sweepAt: codeBudgetEndsAt(value, now),
        })),
        answer: instant(Math.max(...budgets.map(({ value }) => value.coolUntil ?? 0))),
      }
    },
  }
}

/** Somebody of the company agreed to the risks, by this wording. The first time counts. */
export const noteConsent = (sessionId: AccountSessionId, wording: string): AccountOperation<null> => ({
  keys: [sessionKey(sessionId)],
  decide: (view, now) => {
    const record = recordOf(view, sessionId)
    if (record.consent?.wording === wording) return { writes: [], answer: null }
    return { writes: [put({ ...record, consent: { at: now, wording } })], answer: null }
  },
})

/**
 * The session of a company: the founding `company_<salon>`, unless another company of the same salon id has that; then
 * one of its own. A record from before companies were remembered belongs to the first company that comes.
 */
export const claimSession = (
  companyId: string,
  { founding, ofItsOwn }: { readonly founding: AccountSessionId; readonly ofItsOwn: AccountSessionId },
  /** for lists, until the operator says another */
  companyName: string | null = null,
): AccountOperation<AccountSessionId> => ({
  keys: [sessionKey(founding), sessionKey(ofItsOwn)],
  decide: (view) => {
    const first = recordOf(view, founding)
    const sessionId = (first.companyId ?? companyId) === companyId ? founding : ofItsOwn
    const record = recordOf(view, sessionId)
    const named = record.companyName ?? companyName
    return record.companyId === companyId && (record.companyName ?? null) === named
      ? { writes: [], answer: sessionId }
      : { writes: [put({ ...record, companyId, companyName: named })], answer: sessionId }
  },
})

/** Names a company for the operator's lists; null: by its id. False when there is no such session. */
export const nameCompany = (
  sessionId: AccountSessionId,
  companyName: string | null,
): AccountOperation<boolean> => ({
  keys: [sessionKey(sessionId)],
  decide: (view) => {
    const record = view.get('session', sessionId)
    if (record === undefined) return { writes: [], answer: false }
    return { writes: [put({ ...record, companyName })], answer: true }
  },
})

/** The proxy of an account from its next connection on; null: none. False when there is no such session. */
export const setProxy = (
  sessionId: AccountSessionId,
  proxy: AccountProxy | null,
): AccountOperation<boolean> => ({
  keys: [sessionKey(sessionId)],
  decide: (view) => {
    const record = view.get('session', sessionId)
    if (record === undefined) return { writes: [], answer: false }
    return { writes: [put({ ...record, proxy })], answer: true }
  },
})

/** The record of a session; null where there is none. Writes nothing. */
export const findSession = (sessionId: AccountSessionId): AccountOperation<AccountRecord | null> => ({
  keys: [sessionKey(sessionId)],
  decide: (view) => ({
    writes: [],
    answer: view.get('session', sessionId) === undefined ? null : recordOf(view, sessionId),
  }),
})

/** What the digests of numbers are keyed with: `fresh` unless there is one already. */
export const numbersKey = (fresh: string): AccountOperation<string> => ({
  keys: [{ kind: 'secret', id: 'numbers' }],
  decide: (view) => {
    const kept = view.get('secret', 'numbers')
    return kept === undefined
      ? { writes: [{ put: 'secret', id: 'numbers', value: { key: fresh }, sweepAt: null }], answer: fresh }
      : { writes: [], answer: kept.key }
  },
})

/** Keeps a linked number for its session under the digest in use now; a broker of before may have used another. */
export const keepNumber = (sessionId: AccountSessionId, phoneKey: string): AccountOperation<null> => ({
  keys: [sessionKey(sessionId), { kind: 'phone', id: phoneKey }],
  decide: (view) => {
    const isKept = view.get('phone', phoneKey) !== undefined || recordOf(view, sessionId).phone === null
    return {
      writes: isKept ? [] : [{ put: 'phone', id: phoneKey, value: { sessionId }, sweepAt: null }],
      answer: null,
    }
  },
})

/** The record of a session; a fresh one where there is none. Writes nothing. */
export const readSession = (sessionId: AccountSessionId): AccountOperation<AccountRecord> => ({
  keys: [sessionKey(sessionId)],
  decide: (view) => ({ writes: [], answer: recordOf(view, sessionId) }),
})

/** What a broker instance gets with the lease. */
export interface HeldSession {
  readonly lease: AccountLease
  readonly record: AccountRecord
}

/** Takes or renews the lease; null while another broker instance has it. */
export const holdSession = (
  sessionId: AccountSessionId,
  instance: string,
  leaseMs: number = LEASE_MS,
): AccountOperation<HeldSession | null> => ({
  keys: [sessionKey(sessionId)],
  decide: (view, now) => {
    const record = recordOf(view, sessionId)
    const lease = takeLease(record.lease, instance, now, leaseMs)
    if (lease === null) return { writes: [], answer: null }
    const held = { ...record, lease }
    return { writes: [put(held)], answer: { lease, record: held } }
  },
})

/** Gives the lease back, so that another broker instance need not wait for its end. The epoch stays: it only ever grows. */
export const releaseSession = (sessionId: AccountSessionId, epoch: number): AccountOperation<null> => ({
  keys: [sessionKey(sessionId)],
  decide: (view) => {
    const record = view.get('session', sessionId)
    if (record === undefined || record.lease === null || !mayWrite(record.lease, epoch))
      return { writes: [], answer: null }
    return { writes: [put({ ...record, lease: ended(record.lease) })], answer: null }
  },
})

/** No other broker instance lives: the former holder of the session is gone, whatever its lease says. */
export const freeSession = (sessionId: AccountSessionId): AccountOperation<null> => ({
  keys: [sessionKey(sessionId)],
  decide: (view, now) => {
    const record = view.get('session', sessionId)
    if (record === undefined || record.lease === null || now >= record.lease.until)
      return { writes: [], answer: null }
    return { writes: [put({ ...record, lease: ended(record.lease) })], answer: null }
  },
})

/** Its epoch stays, since that only ever grows. It holds under no clock, also when that is set back. */
const ended = (lease: AccountLease): AccountLease => ({ ...lease, until: instant(0) })

/** The outcome of claiming a number. */
export type Claim = 'linked' | 'stale' | 'taken'

/** The session is linked to this number from now on, unless another company's is, or the lease is somebody else's. */
export const markLinked = (
  { sessionId, phoneKey, phone }: { sessionId: AccountSessionId; phoneKey: string; phone: PhoneNumber },
  epoch: number,
): AccountOperation<Claim> => ({
  keys: [sessionKey(sessionId), { kind: 'phone', id: phoneKey }],
  decide: (view, now) => {
    const record = recordOf(view, sessionId)
    if (!mayWrite(record.lease, epoch)) return { writes: [], answer: 'stale' }
    const holder = view.get('phone', phoneKey)
    if (holder !== undefined && holder.sessionId !== sessionId) return { writes: [], answer: 'taken' }
    return {
      writes: [
        put({ ...record, phone, linkedAt: now, unlinkAskedAt: null }),
        { put: 'phone', id: phoneKey, value: { sessionId }, sweepAt: null },
      ],
      answer: 'linked',
    }
  },
})

/** Nothing is linked any more; the number is free. `phoneKey` is that of the number which was linked, null when none was. */
export const markUnlinked = (
  sessionId: AccountSessionId,
  phoneKey: string | null,
  epoch: number,
): AccountOperation<boolean> => ({
  keys: [
    sessionKey(sessionId),
    ...(phoneKey === null ? [] : [{ kind: 'phone', id: phoneKey } satisfies AccountKey]),
  ],
  decide: (view) => {
    const record = recordOf(view, sessionId)
    if (!mayWrite(record.lease, epoch)) return { writes: [], answer: false }
    const holder = phoneKey === null ? undefined : view.get('phone', phoneKey)
    const free: readonly AccountWrite[] =
      phoneKey !== null && holder?.sessionId === sessionId ? [{ drop: 'phone', id: phoneKey }] : []
    return {
      writes: [put({ ...record, phone: null, linkedAt: null, unlinkAskedAt: null }), ...free],
      answer: true,
    }
  },
})

/** To be unlinked as soon as there is a connection: outlives the process. */
export const noteUnlinkAsked = (sessionId: AccountSessionId): AccountOperation<null> => ({
  keys: [sessionKey(sessionId)],
  decide: (view, now) => ({
    writes: [put({ ...recordOf(view, sessionId), unlinkAskedAt: now })],
    answer: null,
  }),
})

/** Whether an ended broker instance left this account behind: it is linked, and no instance holds it. */
export const isOrphan = (record: AccountRecord, now: Instant): boolean =>
  record.phone !== null && !isHeld(record.lease, now)
