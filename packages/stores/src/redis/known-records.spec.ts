import { expect, it } from 'vitest'
import { KNOWN_CHARS_MAX, KnownRecords } from './known-records.ts'

const list = (chars: number) => ({ value: ['app'], newer: false, version: 'v', chars })

it('forgets what was looked at longest ago when there is too much, and never what came last', () => {
  const records = new KnownRecords()
  const third = Math.ceil(KNOWN_CHARS_MAX / 3)
  records.set('apps', 'first', list(third))
  records.set('apps', 'second', list(third))
  expect(records.get('apps', 'first')).toBeDefined()
  records.set('apps', 'third', list(third))
  expect(records.get('apps', 'second')).toBeUndefined()
  expect(records.get('apps', 'first')).toBeDefined()
  records.set('apps', 'huge', list(KNOWN_CHARS_MAX * 2))
  expect(records.get('apps', 'first')).toBeUndefined()
  expect(records.get('apps', 'huge')).toBeDefined()
})

it('has room again for what was forgotten or replaced by less', () => {
  const records = new KnownRecords()
  const half = KNOWN_CHARS_MAX / 2 - 1_000
  for (let round = 0; round < 10; round++) {
    records.set('apps', 'replaced', list(half))
    records.set('apps', 'forgotten', list(half))
    records.forget('apps', 'forgotten')
  }
  records.set('apps', 'replaced', list(1))
  records.set('apps', 'other', list(half))
  expect(records.get('apps', 'replaced')).toBeDefined()
  expect(records.get('apps', 'other')).toBeDefined()
})
