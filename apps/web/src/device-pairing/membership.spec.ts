import { expect, test } from 'vitest'
import { joiningOf, membershipOf } from './membership.ts'

const member = { nodeId: 'n', name: 'Pixel 8', host: 'house', peerToken: 'mpt_1', sessionSecret: 'mst_1' }
const keptJoining = { token: 't', peerToken: 'mpt_1', sessionSecret: 'mst_1' }

test('what this page wrote is read as it was written', () => {
  expect(membershipOf(JSON.stringify(member))).toEqual(member)
  expect(joiningOf(JSON.stringify(keptJoining))).toEqual(keptJoining)
})

test.each([
  ['nothing', null],
  ['no JSON', '{'],
  ['a list', '[]'],
  ['a name of another kind', JSON.stringify({ ...member, token: 1, name: 3 })],
  ['half of it', JSON.stringify({ nodeId: 'n', token: 't' })],
])('%s is no membership and no attempt', (_what, text) => {
  expect(membershipOf(text)).toBeNull()
  expect(joiningOf(text)).toBeNull()
})
