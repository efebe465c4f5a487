import { expect, it } from 'vitest'
import { readGuests, readLifetime, shareLine, shareUrl } from './share-words.ts'

it('a lifetime is minutes, hours or days, within a minute and seven days', () => {
  expect([undefined, '30m', '8h', '7d'].map(readLifetime)).toEqual([
    3_600_000, 1_800_000, 28_800_000, 604_800_000,
  ])
  for (const text of ['8d', '0m', '1', 'h', '1w', '-1h', '1h2m']) expect(readLifetime(text)).toBeNull()
})

it('a link lets in one browser, or as many as was said', () => {
  expect([undefined, '16'].map(readGuests)).toEqual([1, 16])
  for (const text of ['0', '17', '1.5', 'many']) expect(readGuests(text)).toBeNull()
})

it('the line of a link says what it allows, who used it, and when it ends', () => {
  const share = {
    ...{ share: '1f3a9c0200000000', terminal: 7, name: 'build\u001b[2J', createdAt: 0, endsAt: 86_400_000 },
    ...{ mayType: false, history: false, guestsMax: 2 },
    guests: [{ label: 'Firefox', here: true, lastSeenAt: 0 }],
  }
  expect(shareLine(share)).toBe(
    '1f3a9c02  build[2J: watch, 1 of 2 browsers (Firefox, here now), until 1970-01-02 00:00 UTC',
  )
  expect(shareUrl('http://192.0.2.7:6969/', '1.a')).toBe('http://192.0.2.7:6969/s#1.a')
})
