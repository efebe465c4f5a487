import type { PairingView } from '@latchkey/protocol/device-pairing'
import { expect, test } from 'vitest'
import { type AddingEvent, type AddingStage, addingAfter, addingBegins } from './adding.ts'

const after = (...events: readonly AddingEvent[]): AddingStage =>
  events.reduce<AddingStage>(addingAfter, addingBegins)

const started: AddingEvent = { type: 'started', link: 'http://house/join#t', endsAtMs: 300_000 }
const seen = (change: Partial<PairingView>): AddingEvent => ({
  type: 'seen',
  nowMs: 5_000,
  view: {
    id: 'i',
    status: 'connected',
    method: 'pin',
    startedAt: 0,
    expiresAt: 300_000,
    device: { name: 'Pixel 8', address: '192.0.2.7', nodeId: null },
    userCodeHash: null,
    attemptsLeft: 5,
    turnedAway: 0,
    reason: null,
    ...change,
  },
})
const device = { name: 'Pixel 8', address: '192.0.2.7', turnedAway: 0, atMs: 5_000 }
const pinRefused = (code: string | null): AddingEvent => ({ type: 'pin-refused', code })

test('a device is scanned, its PIN is typed, and it is paired', () => {
  expect(after(started)).toEqual({ status: 'waiting', link: 'http://house/join#t', endsAtMs: 300_000 })
  expect(after(started, seen({ status: 'waiting', device: null }))).toEqual(after(started))
  const scanned = {
    status: 'scanned',
    device,
    endsAtMs: 300_000,
    checking: false,
    refusal: null,
    over: null,
  }
  expect(after(started, seen({}))).toEqual(scanned)
  const given = after(started, seen({}), { type: 'pin-given' })
  expect(given).toEqual({ ...scanned, checking: true })
  const paired = { status: 'paired', device, name: 'Pixel 8', atMs: 5_000 }
  expect(addingAfter(given, { type: 'verified', name: 'Pixel 8', nowMs: 5_000 })).toEqual(paired)
  expect(addingAfter(given, seen({ status: 'registered' })), 'the picture may be first').toEqual(paired)
})

test.each([
  ['WRONG_PIN', 'wrong'],
  ['DEVICE_LIMIT', 'full'],
  ['IP_CONFLICT', 'conflict'],
  [null, 'no-answer'],
] as const)('after %s the PIN may be typed again', (code, refusal) => {
  const stage = after(started, seen({}), { type: 'pin-given' }, pinRefused(code))
  expect(stage).toMatchObject({ status: 'scanned', checking: false, refusal })
  expect(addingAfter(stage, { type: 'pin-given' })).toMatchObject({ checking: true, refusal: null })
})

test.each([
  ['TOKEN_EXPIRED', 'expired'],
  ['TOO_MANY_ATTEMPTS', 'too-many-attempts'],
  ['PAIRING_CANCELLED', 'cancelled'],
  ['NOT_SIGNED_IN', 'failed'],
] as const)('%s ends it', (code, why) => {
  expect(after(started, seen({}), { type: 'pin-given' }, pinRefused(code))).toEqual({ status: 'ended', why })
})

test.each([
  [null, 'no-answer'],
  ['TOO_MANY_PAIRINGS', 'too-many-pairings'],
  ['NOT_SIGNED_IN', 'failed'],
] as const)('a start that is refused with %s says why', (code, why) => {
  expect(after({ type: 'refused', code })).toEqual({ status: 'ended', why })
})

test('time ends it, unless a PIN is on its way', () => {
  const over: AddingEvent = { type: 'time-over' }
  expect(after(started, over)).toEqual({ status: 'ended', why: 'expired' })
  const inTime = after(started, seen({}), { type: 'pin-given' }, over)
  expect(inTime).toMatchObject({ status: 'scanned', checking: true })
  expect(addingAfter(inTime, seen({ status: 'failed', reason: 'expired' }))).toEqual(inTime)
  expect(addingAfter(inTime, pinRefused(null))).toEqual({ status: 'ended', why: 'expired' })
  expect(addingAfter(inTime, { type: 'verified', name: 'Pixel 8', nowMs: 5_000 })).toMatchObject({
    status: 'paired',
  })
})

test('the last wrong PIN ends it, whichever comes first: its answer, or the picture of what became of it', () => {
  const failed = seen({ status: 'failed', reason: 'too-many-attempts' })
  const given = after(started, seen({}), { type: 'pin-given' })
  const over = { status: 'ended', why: 'too-many-attempts' }
  expect(addingAfter(addingAfter(given, pinRefused('WRONG_PIN')), failed)).toEqual(over)
  expect(addingAfter(addingAfter(given, failed), pinRefused('WRONG_PIN'))).toEqual(over)
})

test('what ends at the broker ends here', () => {
  expect(after(started, seen({ status: 'failed', reason: 'too-many-attempts' }))).toEqual({
    status: 'ended',
    why: 'too-many-attempts',
  })
})

test('a late answer does not wake what is over', () => {
  const cancelled = after(started, { type: 'cancelled' })
  expect(cancelled).toEqual({ status: 'ended', why: 'cancelled' })
  for (const late of [
    seen({}),
    started,
    { type: 'verified', name: 'x', nowMs: 1 } as const,
    pinRefused('WRONG_PIN'),
  ])
    expect(addingAfter(cancelled, late)).toBe(cancelled)
})

test('a device that takes another name is called by it', () => {
  const renamed = seen({ device: { name: 'Kitchen tablet', address: '192.0.2.7', nodeId: null } })
  expect(after(started, seen({}), renamed)).toMatchObject({ device: { name: 'Kitchen tablet', atMs: 5_000 } })
})

test('a second device with the same link shows beside the first', () => {
  const stage = after(started, seen({}), seen({ turnedAway: 1 }))
  expect(stage).toMatchObject({ status: 'scanned', device: { name: 'Pixel 8', turnedAway: 1 } })
})
