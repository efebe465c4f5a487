import { createPublicKey, verify } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runnerFingerprint } from '@latchkey/protocol/runner-identity'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadIdentity, UnusableIdentity } from './identity.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-identity-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const path = () => join(folder, 'runner', 'identity.json')

it('is made once and stays the same', () => {
  const made = loadIdentity(path())
  const read = loadIdentity(path())
  expect(read.runnerId).toBe(made.runnerId)
  expect(read.publicKey).toEqual(made.publicKey)
  expect(made.runnerId).toMatch(/^[a-z2-7]{26}$/)
})

it("its id is its keys', and its signature is checked by the second of them", () => {
  const { publicKey, runnerId, sign } = loadIdentity(path())
  expect(publicKey).toHaveLength(64)
  expect(runnerFingerprint({ reach: publicKey.subarray(0, 32), sign: publicKey.subarray(32) })).toBe(runnerId)
  const x = Buffer.from(publicKey.subarray(32)).toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const message = Buffer.from('message')
  expect(verify(null, message, key, sign(message))).toBe(true)
})

it('belongs to its owner alone', () => {
  loadIdentity(path())
  expect(statSync(path()).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'runner')).mode & 0o777).toBe(0o700)
})

it('a file that others may read is refused, with what to do', () => {
  loadIdentity(path())
  chmodSync(path(), 0o644)
  expect(() => loadIdentity(path())).toThrow(UnusableIdentity)
  expect(() => loadIdentity(path())).toThrow(`chmod 600 ${path()}`)
})

it.each(['', '{}', '{"version":1,"reach":"AAAA","sign":"AAAA"}', 'not json'])(
  'a file that holds no keys (%s) is refused and left alone',
  (text) => {
    loadIdentity(path())
    writeFileSync(path(), text)
    expect(() => loadIdentity(path())).toThrow(UnusableIdentity)
    expect(readFileSync(path(), 'utf8')).toBe(text)
  },
)
