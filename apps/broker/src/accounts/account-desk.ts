import { type Account, type AccountSessionId, newAccountMachine } from '@latchkey/domain/accounts/account'
import { adviceFor } from '@latchkey/domain/accounts/advice'
import { shownAccountCode } from '@latchkey/domain/accounts/code'
import { findSession, nameCompany, setProxy } from '@latchkey/domain/accounts/operations'
import { maskedPhone } from '@latchkey/domain/accounts/phone'
import type { AccountStore } from '@latchkey/domain/accounts/ports'
import type { AccountRecord } from '@latchkey/domain/accounts/records'
import type { AccountRules } from '@latchkey/domain/accounts/rules'
import type { AccountRefusalReply } from '@latchkey/protocol/accounts'
import * as wire from '@latchkey/protocol/accounts-api'
import type { z } from 'zod'
import { HttpProblem } from '../http/problem.ts'
import { printable } from '../shell/label.ts'
import { accountSnapshot } from './account-snapshot.ts'
import type { CredentialSeal } from './credential-seal.ts'
import type { MarketplaceUseCases } from './marketplace.use-cases.ts'
import type { MarketplacePeer } from './marketplace-peer.ts'
import { readProxy, sealProxy } from './proxies.ts'
import { qrPng, qrSvg } from './qr-picture.ts'
import type { SessionPool } from './session-pool.ts'

interface Parts {
  readonly store: AccountStore
  readonly pool: SessionPool
  readonly useCases: MarketplaceUseCases
  readonly rules: AccountRules
  readonly seal: CredentialSeal
  readonly region: string
  readonly clock: () => number
}

type Reply = z.output<typeof wire.accountReply>

/** A QR that is shown now, as a picture. */
export interface QrPicture {
  readonly picture: Buffer | string
  /** milliseconds since the epoch */
  readonly expiresAt: number
}

/**
 * Accounts over HTTP. Every command goes through the use cases of the companies' pages, so that single flight, limits
 * and reasons are the same. A refusal is thrown as its problem.
 */
export class AccountDesk {
  constructor(private readonly parts: Parts) {}

  async list(query: unknown): Promise<z.output<typeof wire.accountsReply>> {
    const { after, limit } = read(wire.accountsQuery, query, '?after=ID&limit=100')
    const { store, pool } = this.parts
    const records = await store.page({ after: after ?? null, limit: limit + 1 })
    const page = records.slice(0, limit)
    return {
      accounts: page.map((record) => this.#view(record)),
      next: records.length > limit ? (page.at(-1)?.sessionId ?? null) : null,
      restoring: pool.progress.toRestore,
    }
  }

  async claim(body: unknown): Promise<Reply> {
    const asked = read(wire.claimAccountRequest, body, '{"companyId": "…", "salonId": "…"}')
    const sessionId = await this.parts.useCases.sessionOf(asked.companyId, asked.salonId)
    if (asked.companyName !== undefined) await this.#rename(sessionId, asked.companyName)
    return this.get(sessionId)
  }

  async get(id: string): Promise<Reply> {
    return { account: this.#view(await this.#record(id)) }
  }

  async name(id: string, body: unknown): Promise<Reply> {
    const { companyName } = read(wire.nameAccountRequest, body, '{"companyName": "…"}')
    const { sessionId } = await this.#record(id)
    await this.#rename(sessionId, companyName)
    return this.get(id)
  }

  /** A refusal repeats nothing of the address: it may hold a password. */
  async setProxy(id: string, body: unknown): Promise<Reply> {
    const { proxy } = read(wire.accountProxyRequest, body, '{"proxy": "socks5://…"} or {"proxy": null}')
    const { sessionId } = await this.#record(id)
    const judged = proxy === null ? null : readProxy(proxy)
    if (judged !== null && !judged.ok) throw new HttpProblem(400, 'INVALID_FORMAT', judged.says)
    const { store, seal, pool } = this.parts
    const kept = judged === null ? null : sealProxy(seal, sessionId, judged)
    await store.run(setProxy(sessionId, kept))
    const session = pool.find(sessionId)
    if (session !== null) session.proxy = kept
    return this.get(id)
  }

  async startQr(id: string, body: unknown, address: string): Promise<Reply> {
    const { consent, deviceName } = read(
      wire.startQrRequest,
      body ?? {},
      '{"consent": "2026-11", "deviceName": "…"}: a name has 1 to 40 characters',
    )
    const peer = await this.#peer(id, address)
    const request = consent === undefined ? {} : { consent }
    return this.#done(id, await this.parts.useCases.requestQr(request, peer, deviceName ?? null))
  }

  async startCode(id: string, body: unknown, address: string): Promise<Reply> {
    const { phoneNumber, consent } = read(
      wire.startCodeRequest,
      body,
      '{"phoneNumber": "+…", "consent": "2026-11"}',
    )
    const peer = await this.#peer(id, address)
    const request = { phoneNumber, ...(consent === undefined ? {} : { consent }) }
    return this.#done(id, await this.parts.useCases.requestCode(request, peer))
  }

  async cancel(id: string, address: string): Promise<Reply> {
    return this.#done(id, await this.parts.useCases.cancel({}, await this.#peer(id, address)))
  }

  async reconnect(id: string, address: string): Promise<Reply> {
    return this.#done(id, await this.parts.useCases.retry({}, await this.#peer(id, address)))
  }

  async unlink(id: string, address: string): Promise<z.output<typeof wire.unlinkReply>> {
    const done = await this.parts.useCases.unlink({}, await this.#peer(id, address))
    if (!done.success) throw problemOf(done)
    return { ...(await this.get(id)), pending: done.pending, deviceLeft: done.deviceLeft ?? false }
  }

  /** The QR that is shown now. */
  async qr(id: string, form: 'png' | 'svg'): Promise<QrPicture> {
    const account = this.#accountOf((await this.#record(id)).sessionId)
    if (!('qr' in account))
      throw new HttpProblem(
        404,
        'NO_QR',
        'no QR is shown: POST /accounts/{id}/qr asks for one, and the state tells when it is there',
      )
    const { text, expiresAt } = account.qr
    return { picture: form === 'png' ? qrPng(text) : qrSvg(text), expiresAt }
  }

  async code(id: string): Promise<z.output<typeof wire.accountCodeReply>> {
    const account = this.#accountOf((await this.#record(id)).sessionId)
    if (account.status !== 'code_shown')
      throw new HttpProblem(
        404,
        'NO_CODE',
        'no code is shown: POST /accounts/{id}/code asks for one, and the state tells when it is there',
      )
    const { phone, expiresAt, shownAt, isDoubtful } = account
    return {
      code: shownAccountCode(account.code),
      phoneNumber: phone,
      expiresAt,
      renewableAt: shownAt + this.parts.rules.newCodeAfterMs,
      isDoubtful,
    }
  }

  async #rename(sessionId: AccountSessionId, companyName: string | null): Promise<void> {
    const name = companyName === null ? null : printable(companyName)
    await this.parts.store.run(nameCompany(sessionId, name === '' ? null : name))
  }

  async #record(id: string): Promise<AccountRecord> {
    const record = await this.parts.store.run(findSession(id as AccountSessionId))
    if (record === null) throw new HttpProblem(404, 'NO_SUCH_ACCOUNT', 'GET /accounts lists the accounts')
    return record
  }

  async #peer(id: string, address: string): Promise<MarketplacePeer> {
    const { sessionId } = await this.#record(id)
    return { sessionId, company: null, consent: null, address, expiresAt: Number.POSITIVE_INFINITY }
  }

  async #done(id: string, reply: { readonly success: true } | AccountRefusalReply): Promise<Reply> {
    if (!reply.success) throw problemOf(reply)
    return this.get(id)
  }

  #accountOf(sessionId: AccountSessionId): Account {
    return this.parts.pool.find(sessionId)?.machine.account ?? newAccountMachine.account
  }

  /** A linked session that another broker holds is known by its record alone. */
  #view(record: AccountRecord): wire.AccountView {
    const { sessionId, companyId, companyName, phone, linkedAt, proxy } = record
    const { pool, rules, region, clock } = this.parts
    const account = this.#accountOf(sessionId)
    const base = { consented: true, company: null, region, serverTime: Math.floor(clock()) }
    const { state, reason, retryAt } = accountSnapshot(account, base, rules)
    const isElsewhere = phone !== null && !pool.isHere(sessionId)
    return {
      id: sessionId,
      companyId: companyId ?? null,
      companyName: companyName ?? null,
      maskedPhone: phone === null ? null : maskedPhone(phone),
      state: isElsewhere ? 'elsewhere' : state,
      since: pool.find(sessionId)?.since ?? null,
      reason: isElsewhere ? null : reason,
      advice: isElsewhere ? 'ask-again' : adviceFor(account),
      retryAt: isElsewhere ? null : account.status === 'stopped' ? account.againAt : retryAt,
      linkedAt,
      proxy: proxy?.shown ?? null,
    }
  }
}

/** Waiting helps with a 429, another request with a 400, another state with a 409. */
const BAD_REQUESTS: ReadonlySet<string> = new Set([
  'PHONE_REQUIRED',
  'PHONE_INVALID',
  'PHONE_TOO_SHORT',
  'PHONE_TOO_LONG',
  'COUNTRY_UNKNOWN',
  'CONSENT_REQUIRED',
])

function problemOf({ reason, message, retryAt, correlationId }: AccountRefusalReply): HttpProblem {
  const status = BAD_REQUESTS.has(reason) ? 400 : reason === 'COOLDOWN' ? 429 : 409
  const members = { correlationId, ...(retryAt === undefined ? {} : { retryAt }) }
  return new HttpProblem(status, reason, message, { members })
}

function read<Schema extends z.ZodType>(schema: Schema, given: unknown, expected: string): z.output<Schema> {
  const parsed = schema.safeParse(given)
  if (!parsed.success) throw new HttpProblem(400, 'INVALID_FORMAT', `expected ${expected}`)
  return parsed.data
}
