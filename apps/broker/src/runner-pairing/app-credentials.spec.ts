import { expect, it } from 'vitest'
import { AppCredentials } from './app-credentials.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const signingKey = Buffer.alloc(32, 7)

function credentials(takesForeign = false) {
  const time = { nowMs: 1_700_000_000_000 }
  const made = new AppCredentials(signingKey, () => time.nowMs, takesForeign)
  const fresh = () => made.read(undefined, null)
  return { time, made, fresh }
}

it('a credential is good for thirty days, and for no moment longer', () => {
  const { time, made, fresh } = credentials()
  const first = fresh()
  const token = first.renewed ?? ''
  time.nowMs += 30 * DAY_MS
  expect(made.read(token, null)).toMatchObject({ appSessionId: first.appSessionId, isNew: false })
  time.nowMs += 1
  const after = made.read(token, null)
  expect(after.isNew).toBe(true)
  expect(after.appSessionId).not.toBe(first.appSessionId)
})

it('a credential that is a day old is renewed for the same session, a younger one is not', () => {
  const { time, made, fresh } = credentials()
  const first = fresh()
  const token = first.renewed ?? ''
  time.nowMs += DAY_MS
  expect(made.read(token, null).renewed).toBe(null)
  time.nowMs += 1
  const { renewed, appSessionId } = made.read(token, null)
  expect(appSessionId).toBe(first.appSessionId)
  expect(renewed).not.toBe(null)
  // An app that is used within each month stays the same one for ever.
  time.nowMs += 30 * DAY_MS - 1
  expect(made.read(renewed ?? '', null).appSessionId).toBe(first.appSessionId)
  expect(made.read(token, null).isNew).toBe(true)
})

it('a credential that was changed anywhere, or signed by another broker, is none', () => {
  const { made, fresh } = credentials()
  const token = fresh().renewed ?? ''
  for (let at = 0; at < token.length; at++) {
    // The last character of 32 bytes holds two bits that mean nothing.
    if (at === 42 || at === token.length - 1) continue
    const other = token[at] === 'b' ? 'c' : 'b'
    expect(made.read(`${token.slice(0, at)}${other}${token.slice(at + 1)}`, null).isNew).toBe(true)
  }
  expect(
    new AppCredentials(Buffer.alloc(32, 8), () => 1_700_000_000_000, false).read(token, null).isNew,
  ).toBe(true)
})

it('who signed in as a device has another session there than without, so that its revocation ends it', () => {
  const { made, fresh } = credentials()
  const own = fresh()
  const token = own.renewed ?? ''
  const sessions = [null, 'one', 'two'].map((node) => made.read(token, node).appSessionId)
  expect(new Set(sessions).size).toBe(3)
  expect(made.read(token, 'one').appSessionId).toBe(sessions[1])
})

it('the public handle does not tell the credential', () => {
  const { fresh } = credentials()
  const { appSessionId, renewed } = fresh()
  expect(renewed).not.toContain(appSessionId)
  expect(appSessionId).not.toContain((renewed ?? '').split('.')[0])
})

it('a foreign client’s own text is its session where that is allowed, never what looks like ours, never a device’s', () => {
  const { made, fresh } = credentials(true)
  expect(made.read('any text', null)).toMatchObject({ renewed: null, isNew: false })
  expect(made.read('any text', null).appSessionId).toBe(made.read('any text', null).appSessionId)
  expect(made.read('any text', 'node').isNew).toBe(true)
  expect(made.read('', null).isNew).toBe(true)
  const forged = (fresh().renewed ?? '').replace(/.{43}$/, 'A'.repeat(43))
  expect(made.read(forged, null).isNew).toBe(true)
  expect(credentials(false).made.read('any text', null).isNew).toBe(true)
})
