import { afterEach, expect, test } from 'vitest'
import { startPostgresServer } from '../testing/postgres-server.ts'
import { openPostgres, type PostgresDatabase } from './database.ts'
import { replaceSharedSecret, sharedSecrets } from './secrets.ts'

const opened: PostgresDatabase[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()))
})

test('brokers that start at once, and those that come later, know the same secrets', async () => {
  const { url } = await startPostgresServer()
  const open = async () => {
    const db = await openPostgres(url, { answerTimeoutMs: 20_000 })
    opened.push(db)
    return db
  }
  const brokers = await Promise.all([open(), open(), open()])
  const known = await Promise.all(
    brokers.map((db, index) => sharedSecrets(db, { enrolment: `e${index}`, signingKey: `s${index}` })),
  )
  expect(known[1]).toEqual(known[0])
  expect(known[2]).toEqual(known[0])
  expect(known[0]?.enrolment).toMatch(/^e\d$/)
  const later = await sharedSecrets(await open(), { enrolment: 'later', another: 'new' })
  expect(later).toEqual({ enrolment: known[0]?.enrolment, another: 'new' })
})

test('a secret that was replaced is the one that brokers find from then on', async () => {
  const { url } = await startPostgresServer()
  const db = await openPostgres(url, { answerTimeoutMs: 20_000 })
  opened.push(db)
  await sharedSecrets(db, { enrolment: 'old', operator: 'kept' })
  await replaceSharedSecret(db, 'enrolment', 'new')
  expect(await sharedSecrets(db, { enrolment: 'mine', operator: 'mine' })).toEqual({
    enrolment: 'new',
    operator: 'kept',
  })
})
