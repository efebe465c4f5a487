import { expect, it } from 'vitest'
import type { KnownMachine } from './known-machines.ts'
import { targetOf } from './target.ts'

const forge: KnownMachine = {
  brokerUrl: 'https://broker.example',
  runnerId: 'r1',
  label: 'forge',
  credential: 'c',
  usedAtMs: 2,
}
const nothing = { word: undefined, brokerUrl: undefined, localUrl: null, known: [] }

it('a link names broker and code', () => {
  expect(targetOf({ ...nothing, word: 'https://broker.example/lk/p#1.K7M2PQX3B.rest' })).toEqual({
    by: 'code',
    brokerUrl: 'https://broker.example/lk',
    code: 'K7M-2PQ-X3B',
    secret: null,
  })
})

it('a code is looked for at the named broker, or else at the one that runs here', () => {
  const asked = { ...nothing, word: 'k7m 2pq x3b', localUrl: 'http://127.0.0.1:6969' }
  expect(targetOf(asked)).toEqual({
    by: 'code',
    brokerUrl: 'http://127.0.0.1:6969',
    code: 'K7M-2PQ-X3B',
    secret: null,
  })
  expect(targetOf({ ...asked, brokerUrl: 'https://b.example' })).toMatchObject({
    brokerUrl: 'https://b.example',
  })
  expect(targetOf({ ...asked, localUrl: null })).toMatchObject({ by: 'nothing' })
})

it('without a word the machine used last is meant, and a known one by its name', () => {
  const known = [forge, { ...forge, runnerId: 'r2', label: 'mill', brokerUrl: 'https://other.example' }]
  expect(targetOf({ ...nothing, known })).toEqual({ by: 'known', machine: forge })
  expect(targetOf({ ...nothing, known, word: 'mill' })).toMatchObject({
    by: 'known',
    machine: { runnerId: 'r2' },
  })
  expect(targetOf({ ...nothing, known, brokerUrl: 'https://other.example/' })).toMatchObject({
    machine: { label: 'mill' },
  })
})

it('a name that two machines have chooses neither: their ids are said, and one of them chooses', () => {
  const known = [forge, { ...forge, runnerId: 'r2', brokerUrl: 'https://other.example' }]
  const asked = { ...nothing, known, word: 'forge' }
  const answer = targetOf(asked)
  expect(answer).toMatchObject({
    by: 'nothing',
    problem: expect.stringMatching(/2 machines[^]*r1[^]*r2[^]*other\.example/),
  })
  expect(targetOf({ ...asked, word: 'r2' })).toMatchObject({ by: 'known', machine: { runnerId: 'r2' } })
  expect(targetOf({ ...asked, brokerUrl: 'https://other.example' })).toMatchObject({
    machine: { runnerId: 'r2' },
  })
})

it('what is no code is said to be none', () => {
  expect(targetOf({ ...nothing, word: 'nonsense!' })).toMatchObject({ by: 'nothing' })
  expect(targetOf({ ...nothing, word: 'https://broker.example/' })).toMatchObject({ by: 'nothing' })
  expect(targetOf({ ...nothing, brokerUrl: 'ftp://x' })).toMatchObject({ by: 'nothing' })
})

it('a link to a page elsewhere says which machine, and the broker is named beside it', () => {
  const word = 'https://page.example/p#1.K7M2PQX3B.rest'
  expect(targetOf({ ...nothing, word, brokerUrl: 'https://term.example' })).toMatchObject({
    by: 'code',
    brokerUrl: 'https://term.example',
    code: 'K7M-2PQ-X3B',
  })
})
