import type { AccountSessionId, PhoneNumber } from '@latchkey/domain/accounts/account'
import {
  admitCode,
  admitQr,
  claimSession,
  findSession,
  freeSession,
  holdSession,
  isOrphan,
  keepNumber,
  markLinked,
  markUnlinked,
  nameCompany,
  noteConsent,
  noteUnlinkAsked,
  numbersKey,
  pauseCodes,
  readSession,
  releaseSession,
} from '@latchkey/domain/accounts/operations'
import type { AccountOperation, AccountStore } from '@latchkey/domain/accounts/ports'
import { type AccountRecord, newAccountRecord } from '@latchkey/domain/accounts/records'
import { instant } from '@latchkey/domain/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

export interface AccountStoreUnderTest {
  readonly store: AccountStore
  /** a second one on the same data, as another process has it; null where there can be none */
  readonly other: AccountStore | null
  dispose(): Promise<void>
}

const SALON = 'company_17' as AccountSessionId
const RIVAL = 'company_18' as AccountSessionId
const PHONE = '+12025550100' as PhoneNumber
const LEASE_MS = 30_000
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const texts = (rows: Awaited<ReturnType<AccountStore['readCredentials']>>) =>
  rows.map(({ kind, name, sealed }) => `${kind}/${name}=${new TextDecoder().decode(sealed)}`).sort()

/** What every adapter of the linking port does, told once. `clock` is what the store reads. */
export function accountStoreContract(
  name: string,
  open: (clock: () => number) => Promise<AccountStoreUnderTest>,
): void {
  describe(`the linking store on ${name}`, () => {
    let nowMs = 1_000_000
    let under: AccountStoreUnderTest
    beforeEach(async () => {
      nowMs = 1_000_000
      under = await open(() => nowMs)
    })
    afterEach(() => under.dispose())
    const run = <Answer>(operation: AccountOperation<Answer>, store = under.store) => store.run(operation)
    const hold = (node: string, session = SALON) => run(holdSession(session, node, LEASE_MS))
    const epochOf = async (node: string, session = SALON) => (await hold(node, session))?.lease.epoch ?? -1

    it('lists sessions page by page in the order of their ids, with their names', async () => {
      const idOf = (n: number) => `company_${String(n).padStart(2, '0')}` as AccountSessionId
      for (const n of [3, 1, 2])
        await run(claimSession(`company-${n}`, { founding: idOf(n), ofItsOwn: idOf(90 + n) }))
      expect(await run(nameCompany(idOf(2), 'Søndag «Ltd» 名'))).toBe(true)
      expect(await run(nameCompany(idOf(9), 'none'))).toBe(false)
      const first = await under.store.page({ after: null, limit: 2 })
      expect(first.map(({ sessionId, companyName }) => [sessionId, companyName])).toEqual([
        [idOf(1), null],
        [idOf(2), 'Søndag «Ltd» 名'],
      ])
      expect(
        (await under.store.page({ after: idOf(2), limit: 2 })).map(({ sessionId }) => sessionId),
      ).toEqual([idOf(3)])
      expect(await run(findSession(idOf(9)))).toBeNull()
      expect(await run(findSession(idOf(3)))).toMatchObject({ companyId: 'company-3' })
    })

    it('gives a session’s lease to one node, which keeps its epoch while it renews (sentence 62)', async () => {
      const first = await hold('node-a')
      expect(first?.lease).toMatchObject({ node: 'node-a', epoch: 1, until: nowMs + LEASE_MS })
      nowMs += 10_000
      expect((await hold('node-a'))?.lease).toMatchObject({
        node: 'node-a',
        epoch: 1,
        until: nowMs + LEASE_MS,
      })
      expect(await hold('node-b')).toBeNull()
      nowMs += LEASE_MS
      expect((await hold('node-b'))?.lease).toMatchObject({ node: 'node-b', epoch: 2 })
      expect(await hold('node-a')).toBeNull()
    })

    it('gives a lease that was given back, or whose node is known to be gone, to whoever asks next, also when the clock was set back', async () => {
      for (const end of [
        async () => run(releaseSession(SALON, await epochOf('node-a'))),
        async () => {
          await hold('node-a')
          await run(freeSession(SALON))
        },
      ]) {
        await end()
        nowMs -= 1_000
        expect((await hold('node-b'))?.lease.node).toBe('node-b')
        await run(freeSession(SALON))
      }
    })

    it('gives a lease that was given back to whoever asks next, with another epoch', async () => {
      const epoch = await epochOf('node-a')
      await run(releaseSession(SALON, epoch))
      expect((await hold('node-b'))?.lease).toMatchObject({ node: 'node-b', epoch: epoch + 1 })
      await run(releaseSession(SALON, epoch))
      expect(await hold('node-c')).toBeNull()
    })

    it('grants one of many that ask at once', async () => {
      const stores = [under.store, under.other ?? under.store]
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          run(holdSession(SALON, `node-${n}`, LEASE_MS), stores[n % 2] ?? under.store),
        ),
      )
      expect(answers.filter((answer) => answer !== null)).toHaveLength(1)
    })

    it('keeps the credentials of an epoch, and refuses those of an older one whole (sentence 62)', async () => {
      const stale = await epochOf('node-a')
      await under.store.writeCredentials(SALON, stale, [{ kind: 'creds', name: '', sealed: bytes('a') }])
      nowMs += LEASE_MS
      const epoch = await epochOf('node-b')
      const late = [
        { kind: 'creds', name: '', sealed: bytes('late') },
        { kind: 'pre-key', name: '1', sealed: bytes('late') },
      ]
      expect(await under.store.writeCredentials(SALON, stale, late)).toBe(false)
      expect(texts(await under.store.readCredentials(SALON, 'all'))).toEqual(['creds/=a'])
      expect(await under.store.writeCredentials(SALON, epoch, late)).toBe(true)
      expect(texts(await under.store.readCredentials(SALON, 'all'))).toEqual([
        'creds/=late',
        'pre-key/1=late',
      ])
    })

    it('writes, replaces and removes rows, eight hundred at once, and keeps sessions apart', async () => {
      const epoch = await epochOf('node-a')
      const many = Array.from({ length: 812 }, (_, n) => ({
        kind: 'pre-key',
        name: String(n),
        sealed: bytes(`key ${n}`),
      }))
      await under.store.writeCredentials(SALON, epoch, many)
      expect(await under.store.readCredentials(SALON, 'all')).toHaveLength(812)
      const wanted = { kind: 'pre-key', names: ['7', '811', 'none'] }
      expect(texts(await under.store.readCredentials(SALON, wanted))).toEqual([
        'pre-key/7=key 7',
        'pre-key/811=key 811',
      ])
      await under.store.writeCredentials(SALON, epoch, [
        { kind: 'pre-key', name: '7', sealed: null },
        { kind: 'pre-key', name: '8', sealed: bytes('other') },
      ])
      expect(texts(await under.store.readCredentials(SALON, { kind: 'pre-key', names: ['7', '8'] }))).toEqual(
        ['pre-key/8=other'],
      )
      const rival = await epochOf('node-a', RIVAL)
      await under.store.writeCredentials(RIVAL, rival, [{ kind: 'creds', name: '', sealed: bytes('r') }])
      await under.store.writeCredentials(SALON, epoch, [], { replace: true })
      expect(await under.store.readCredentials(SALON, 'all')).toEqual([])
      expect(texts(await under.store.readCredentials(RIVAL, 'all'))).toEqual(['creds/=r'])
    })

    it('lets one company have a number until it gives it up (sentence 39)', async () => {
      const epoch = await epochOf('node-a')
      const rival = await epochOf('node-a', RIVAL)
      const claim = (sessionId: AccountSessionId) => ({ sessionId, phoneKey: 'key', phone: PHONE })
      expect(await run(markLinked(claim(SALON), epoch))).toBe('linked')
      expect(await run(markLinked(claim(SALON), epoch))).toBe('linked')
      expect(await run(markLinked(claim(RIVAL), rival))).toBe('taken')
      expect(await run(markLinked(claim(RIVAL), rival + 1))).toBe('stale')
      const ask = { sessionId: RIVAL, phoneKey: 'key', address: '192.0.2.1' }
      expect(await run(admitCode(ask))).toEqual({
        ok: false,
        refusal: { reason: 'NUMBER_UNAVAILABLE', retryAt: null },
      })
      expect(await run(markUnlinked(SALON, 'key', epoch + 1))).toBe(false)
      expect(await run(markUnlinked(SALON, 'key', epoch))).toBe(true)
      expect(await run(admitCode(ask))).toMatchObject({ ok: true })
      expect(await run(markLinked(claim(RIVAL), rival))).toBe('linked')
    })

    it('counts codes for session, number and address together, or for none (sentence 8)', async () => {
      const ask = (session: AccountSessionId, phoneKey: string) =>
        run(admitCode({ sessionId: session, phoneKey, address: '192.0.2.1' }))
      for (let n = 0; n < 5; n++) expect(await ask(SALON, `p${n}`)).toMatchObject({ ok: true })
      const refused = { ok: false, refusal: { reason: 'COOLDOWN', retryAt: nowMs + 3_600_000 } }
      expect(await ask(SALON, 'p9')).toEqual(refused)
      for (let n = 0; n < 5; n++) expect(await ask(RIVAL, 'p9')).toMatchObject({ ok: true })
      expect(await ask('company_19' as AccountSessionId, 'p9')).toEqual(refused)
      expect(await run(pauseCodes({ sessionId: SALON, phoneKey: 'p0' }))).toBe(nowMs + 300_000)
      nowMs += 3_600_000
      expect(await ask(SALON, 'p0')).toMatchObject({ ok: true })
      expect(await under.store.sweep()).toBeGreaterThan(0)
    })

    it('counts rounds of QRs for a session, thirty an hour, and codes beside them', async () => {
      for (let n = 0; n < 30; n++) expect(await run(admitQr(SALON))).toMatchObject({ ok: true })
      expect(await run(admitQr(SALON))).toMatchObject({ ok: false, refusal: { reason: 'COOLDOWN' } })
      expect(await run(admitQr(RIVAL))).toMatchObject({ ok: true })
      const ask = { sessionId: SALON, phoneKey: 'p', address: '192.0.2.1' }
      expect(await run(admitCode(ask))).toMatchObject({ ok: true })
    })

    it('remembers consent, the wish to unlink, and who is linked, for whoever comes next (sentences 61, 65, 78)', async () => {
      const epoch = await epochOf('node-a')
      await run(noteConsent(SALON, '2026-11'))
      const first = (await run(readSession(SALON))).consent
      nowMs += 1
      await run(noteConsent(SALON, '2026-11'))
      expect((await run(readSession(SALON))).consent).toEqual(first)
      await run(markLinked({ sessionId: SALON, phoneKey: 'key', phone: PHONE }, epoch))
      await run(noteUnlinkAsked(SALON))
      const [kept] = await (under.other ?? under.store).sessions()
      expect(kept).toMatchObject({ sessionId: SALON, phone: PHONE, consent: first, unlinkAskedAt: nowMs })
      expect(isOrphan(kept ?? expect.fail(), instant(nowMs))).toBe(false)
      expect(isOrphan(kept ?? expect.fail(), instant(nowMs + LEASE_MS))).toBe(true)
      expect(await run(readSession(RIVAL))).toMatchObject({ phone: null, consent: null })
    })

    it('gives each company a session of its own, and the founding one of an older release to the first that comes', async () => {
      const ids = { founding: SALON, ofItsOwn: `${SALON}.own` as AccountSessionId }
      const { companyId: _, ...older } = { ...newAccountRecord(SALON), phone: PHONE }
      await run({
        keys: [{ kind: 'session', id: SALON }],
        decide: () => ({
          // As a release wrote it that kept no company.
          writes: [{ put: 'session', id: SALON, value: older as AccountRecord, sweepAt: null }],
          answer: null,
        }),
      })
      expect(await run(claimSession('one', ids))).toBe(SALON)
      expect(await run(claimSession('two', ids))).toBe(ids.ofItsOwn)
      expect(await run(claimSession('one', ids))).toBe(SALON)
      expect(await run(readSession(SALON))).toMatchObject({ companyId: 'one', phone: PHONE })
      expect(await run(readSession(ids.ofItsOwn))).toMatchObject({ companyId: 'two', phone: null })
    })

    it('keeps the key of numbers that was made first, and a linked number under the digest in use', async () => {
      expect(await run(numbersKey('first'))).toBe('first')
      expect(await run(numbersKey('second'), under.other ?? under.store)).toBe('first')
      await run(markLinked({ sessionId: SALON, phoneKey: 'old', phone: PHONE }, await epochOf('node-a')))
      await run(keepNumber(SALON, 'new'))
      await run(keepNumber(RIVAL, 'free'))
      const ask = (phoneKey: string) => run(admitCode({ sessionId: RIVAL, phoneKey, address: '192.0.2.1' }))
      expect(await ask('new')).toMatchObject({ ok: false, refusal: { reason: 'NUMBER_UNAVAILABLE' } })
      expect(await ask('free')).toMatchObject({ ok: true })
    })

    it('writes nothing of a decision that throws', async () => {
      const broken = run({
        keys: [{ kind: 'session', id: SALON }],
        decide: () => {
          throw new Error('a bug')
        },
      })
      await expect(broken).rejects.toThrow('a bug')
      expect(await under.store.sessions()).toEqual([])
    })
  })
}
