import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { CredentialSeal, SealKeyMissing } from './credential-seal.ts'

const newKey = () => randomBytes(32).toString('base64url')
const place = ['company', 'session', 'creds']

it('a row opens in its own place, and nowhere else: not in another company, session or name, however they are joined', () => {
  const seal = new CredentialSeal([newKey()])
  const row = seal.seal(place, 'secret')
  expect(seal.open(place, row)).toBe('secret')
  for (const elsewhere of [
    ['other', 'session', 'creds'],
    ['company', 'other', 'creds'],
    ['company', 'session', 'other'],
    ['companysession', 'creds'],
    ['company', 'session,creds'],
    ['company', 'session', 'creds', ''],
    [],
  ])
    expect(() => seal.open(elsewhere, row)).toThrow()
})

it('a row that was changed anywhere does not open', () => {
  const seal = new CredentialSeal([newKey()])
  const row = seal.seal(place, 'secret')
  for (let at = 0; at < row.length; at++) {
    const changed = Buffer.from(row)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(() => seal.open(place, changed)).toThrow()
  }
})

it('the same text is sealed differently each time, and the text is not in it', () => {
  const seal = new CredentialSeal([newKey()])
  const [one, two] = [seal.seal(place, 'secret'), seal.seal(place, 'secret')]
  expect(one.equals(two)).toBe(false)
  expect(one.includes('secret')).toBe(false)
})

it('a key that was replaced still opens, and what it sealed is told from what is current', () => {
  const [old, current] = [newKey(), newKey()]
  const before = new CredentialSeal([old]).seal(place, 'secret')
  const now = new CredentialSeal([current, old])
  expect(now.open(place, before)).toBe('secret')
  expect(now.isCurrent(before)).toBe(false)
  expect(now.isCurrent(now.seal(place, 'secret'))).toBe(true)
  expect(() => new CredentialSeal([current]).open(place, before)).toThrow(SealKeyMissing)
})

it('a key of another length, or none, is refused at the start', () => {
  expect(() => new CredentialSeal([randomBytes(31).toString('base64url')])).toThrow('32 bytes')
  expect(() => new CredentialSeal([])).toThrow('no key')
})
