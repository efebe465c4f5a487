import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { forgetJoining, keepMembership, membershipAt, memberships, secretsFor } from './memberships.ts'

let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'latchkey-joined-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const member = (brokerUrl: string, joinedAtMs: number) => ({
  brokerUrl,
  nodeId: 'n',
  name: 'forge',
  host: 'house',
  peerToken: 'mpt_x',
  sessionSecret: null,
  joinedAtMs,
})

it('one membership a broker, the last one first, readable by their owner alone', () => {
  keepMembership(dataDir, member('http://a.example', 1))
  keepMembership(dataDir, member('http://b.example', 2))
  keepMembership(dataDir, member('http://a.example/', 3))
  expect(memberships(dataDir).map((one) => one.joinedAtMs)).toEqual([3, 2])
  expect(membershipAt(dataDir, 'http://b.example/')?.joinedAtMs).toBe(2)
  expect(membershipAt(dataDir, 'http://b.example:81')).toBeNull()
  const folder = join(dataDir, 'joined')
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
})

it('the same link is tried with the same secrets, another one with others', () => {
  const first = secretsFor(dataDir, 'http://a.example', 'one')
  expect(secretsFor(dataDir, 'http://a.example', 'one')).toMatchObject(first)
  expect(secretsFor(dataDir, 'http://a.example', 'two').peerToken).not.toBe(first.peerToken)
  forgetJoining(dataDir, 'http://a.example')
  expect(secretsFor(dataDir, 'http://a.example', 'two').peerToken).not.toBe(first.peerToken)
  expect(memberships(dataDir), 'an attempt is no membership').toEqual([])
})

it('a file that is none is passed over', () => {
  keepMembership(dataDir, member('http://a.example', 1))
  writeFileSync(join(dataDir, 'joined', 'x.json'), '{"brokerUrl":3}')
  writeFileSync(join(dataDir, 'joined', 'y.json'), '{')
  expect(memberships(dataDir)).toHaveLength(1)
})
