import type { SealedRunner } from '@latchkey/connection/app/sealer'
import { base64url } from '@latchkey/protocol/bytes'
import { expect, test } from 'vitest'
import { runnerOf } from './plain-store.ts'

const runner: SealedRunner = {
  runnerId: 'abc',
  label: 'attic',
  reach: new Uint8Array(32).fill(1),
  appId: new Uint8Array(16).fill(2),
  resumeKey: new Uint8Array(32).fill(3),
  permissions: { view: true, input: true, admin: false },
  greetedAtMs: 12,
  pairingName: 'ab'.repeat(16),
}
const written = {
  ...runner,
  reach: base64url(runner.reach),
  appId: base64url(runner.appId),
  resumeKey: base64url(runner.resumeKey),
}

test('a record is read as it was written', () => {
  expect(runnerOf('abc', JSON.stringify(written))).toEqual(runner)
})

test.each([
  ['nothing', null],
  ['no JSON', '{'],
  ['another runner', JSON.stringify({ ...written, runnerId: 'abd' })],
  ['a key cut short', JSON.stringify({ ...written, resumeKey: 'AAAA' })],
  ['no permissions', JSON.stringify({ ...written, permissions: { view: true } })],
  ['no label', JSON.stringify({ ...written, label: 3 })],
])('%s is no record', (_what, text) => {
  expect(runnerOf('abc', text)).toBeNull()
})
