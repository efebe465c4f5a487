import type { LinkState } from '@latchkey/connection/app/link-state'
import { expect, test } from 'vitest'
import { type PinStage, stageAfter, stageGiven } from './pin-stage.ts'

const asked = (attempt: number): LinkState & { status: 'pin-wanted' } => ({
  status: 'pin-wanted',
  machine: 'attic',
  digits: 6,
  expiresAtMs: 120_000,
  attempt,
})
const connecting: LinkState = { status: 'connecting', failure: null, nextTryAtMs: null }
const after = (...states: LinkState[]): PinStage => states.reduce<PinStage>(stageAfter, { at: 'elsewhere' })

test('a machine that asks is answered once, and the page waits', () => {
  const asking = after(connecting, asked(1))
  expect(asking).toEqual({ at: 'asking', wanted: asked(1), wrong: false })
  const given = stageGiven(asking)
  expect(stageAfter(given, asked(1)).at).toBe('checking')
  expect(stageAfter(given, connecting).at).toBe('checking')
})

test('a wrong PIN keeps the page until the fresh one is asked for, which says so', () => {
  const given = stageGiven(after(asked(1)))
  const wrong = stageAfter(given, { status: 'refused', refusal: 'pin-mismatch' })
  expect(wrong).toMatchObject({ at: 'checking', wrong: true })
  expect(stageAfter(stageAfter(wrong, connecting), asked(2))).toEqual({
    at: 'asking',
    wanted: asked(2),
    wrong: true,
  })
})

test('another refusal ends the asking', () => {
  const given = stageGiven(after(asked(1)))
  expect(stageAfter(given, { status: 'refused', refusal: 'locked' })).toEqual({
    at: 'refused',
    refusal: 'locked',
  })
})

test('a link that lives has nothing to ask', () => {
  const live: LinkState = { status: 'live', brokerMs: 1, machineMs: 2, sealed: true }
  expect(stageAfter(stageGiven(after(asked(1))), live)).toEqual({ at: 'elsewhere' })
})
