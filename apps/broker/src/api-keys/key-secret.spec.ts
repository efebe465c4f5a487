import { randomBytes } from 'node:crypto'
import { API_KEY_FORM } from '@latchkey/protocol/api-keys'
import { expect, it } from 'vitest'
import { KeySecrets } from './key-secret.ts'

const secrets = new KeySecrets(randomBytes(32))

it('makes keys of the one form that scanners for secrets look for, each another', () => {
  const keys = Array.from({ length: 200 }, () => secrets.make())
  for (const key of keys) expect(key).toMatch(API_KEY_FORM)
  expect(new Set(keys).size).toBe(200)
  expect(new Set(keys.map((key) => secrets.tracesOf(key)?.id)).size).toBe(200)
})

it('any other symbol, length or beginning is no key', () => {
  const key = secrets.make()
  for (let at = 0; at < key.length; at++) {
    const other = key[at] === 'x' ? 'y' : 'x'
    expect(secrets.tracesOf(key.slice(0, at) + other + key.slice(at + 1)), `symbol ${at}`).toBeNull()
  }
  for (const text of ['', 'lk_', `${key}0`, key.slice(0, -1), ` ${key}`, `${key}\n`])
    expect(secrets.tracesOf(text)).toBeNull()
})

it('the digest is keyed: another broker’s key has no traces here that it has there', () => {
  const key = secrets.make()
  const elsewhere = new KeySecrets(randomBytes(32)).tracesOf(key)
  expect(elsewhere).not.toBeNull()
  expect(elsewhere).not.toEqual(secrets.tracesOf(key))
  expect(secrets.tracesOf(key)).toEqual(secrets.tracesOf(key))
})
