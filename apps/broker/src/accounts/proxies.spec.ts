import { randomBytes } from 'node:crypto'
import type { AccountSessionId } from '@latchkey/domain/accounts/account'
import { claimSession, readSession, setProxy } from '@latchkey/domain/accounts/operations'
import { sqliteAccountStore } from '@latchkey/stores/sqlite/account.store'
import { openSqlite } from '@latchkey/stores/sqlite/database'
import { expect, it } from 'vitest'
import { CredentialSeal } from './credential-seal.ts'
import { openProxy, readProxy, resealProxy, sealProxy } from './proxies.ts'

const newKey = () => randomBytes(32).toString('base64url')
const ID = 'company_17' as AccountSessionId
const OTHER = 'company_18' as AccountSessionId

it('a proxy opens for its own account alone, and with a new key after the old one is gone', async () => {
  const [old, fresh] = [newKey(), newKey()]
  const db = await openSqlite(':memory:')
  const store = sqliteAccountStore(db, { clock: () => 1 })
  const read = readProxy('http://salon:secret@proxy.example:80')
  if (!read.ok) throw new Error(read.says)
  expect(read.shown).toBe('http://proxy.example:80')
  await store.run(claimSession('c', { founding: ID, ofItsOwn: OTHER }))
  await store.run(setProxy(ID, sealProxy(new CredentialSeal([old]), ID, read)))
  await resealProxy(store, new CredentialSeal([fresh, old]), await store.run(readSession(ID)))
  const { proxy } = await store.run(readSession(ID))
  if (proxy == null) throw new Error('it is gone')
  const seal = new CredentialSeal([fresh])
  expect(proxy.shown).toBe(read.shown)
  expect(openProxy(seal, ID, proxy)).toBe(read.url)
  expect(() => openProxy(seal, OTHER, proxy)).toThrow()
  expect(() => openProxy(new CredentialSeal([old]), ID, proxy)).toThrow()
  db.close()
})
