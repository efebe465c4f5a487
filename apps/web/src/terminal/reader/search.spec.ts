import { expect, it } from 'vitest'
import { Announcements, finishedOf, SPEAK_EVERY_MS } from './announcements.ts'
import { FOLD_LINES_MIN, foldOf } from './fold.ts'
import { guessedCards } from './guessed-cards.ts'
import { MATCHES_MAX, matchesOf, placeOf, stepped } from './search.ts'

const CARDS = guessedCards(['$ npm test holiday', 'Holiday ok', 'x', '$ ls', 'holiday.ts holiday.md', '$'])

it('a search finds every place, in commands too, and steps round the ends from the newest', () => {
  const matches = matchesOf(CARDS, 'HOLIDAY')
  expect(matches.map(({ key, line, at }) => `${key} ${line} ${at}`)).toEqual([
    'g0 null 9',
    'g0 0 0',
    'g1 0 0',
    'g1 0 11',
  ])
  const newest = stepped(matches, null, 1)
  expect(placeOf(matches, newest)).toBe(3)
  expect(placeOf(matches, stepped(matches, newest, 1))).toBe(0)
  expect(placeOf(matches, stepped(matches, newest, -1))).toBe(2)
  expect(matchesOf(CARDS, '')).toEqual([])
  expect(stepped([], null, 1)).toBeNull()
})

it('a search keeps its place while output goes on', () => {
  const place = stepped(matchesOf(CARDS, 'holiday'), null, -1)
  const later = guessedCards([
    '$ npm test holiday',
    'Holiday ok',
    'x',
    '$ ls',
    'holiday.ts holiday.md',
    'holiday',
    'holiday',
  ])
  const matches = matchesOf(later, 'holiday')
  expect([placeOf(matches, place), matches.length]).toEqual([3, 6])
  expect(placeOf([], place)).toBeNull()
})

it('matches are counted up to a bound', () => {
  const cards = guessedCards(['$ x', 'a'.repeat(MATCHES_MAX + 5)])
  expect(matchesOf(cards, 'a')).toHaveLength(MATCHES_MAX)
})

it('a long output is folded in its middle, until it is opened', () => {
  expect(foldOf(FOLD_LINES_MIN, false)).toBeNull()
  expect(foldOf(214, false)).toEqual({ from: 10, to: 194 })
  expect(foldOf(214, true)).toBeNull()
})

it('finished commands are announced once, the newest of them, and not too often', () => {
  const running = guessedCards(['$ make', 'x'])
  const ended = guessedCards(['$ make', 'x', '$'])
  expect(finishedOf([], ended), 'what one opens is not news').toEqual([])
  expect(finishedOf(running, ended).map(({ command }) => command)).toEqual(['make'])
  expect(finishedOf(ended, ended)).toEqual([])
  const announcements = new Announcements()
  expect(announcements.next(0)).toEqual({ spoken: null, waitMs: null })
  announcements.add(finishedOf(running, ended))
  expect(announcements.next(10).spoken).toMatchObject({ card: { command: 'make' }, others: 0 })
  announcements.add(CARDS.slice(0, 1))
  announcements.add(CARDS.slice(1, 2))
  expect(announcements.next(1_010)).toEqual({ spoken: null, waitMs: SPEAK_EVERY_MS - 1_000 })
  expect(announcements.next(10 + SPEAK_EVERY_MS).spoken).toMatchObject({ card: { command: 'ls' }, others: 1 })
  expect(announcements.next(99_999).spoken).toBeNull()
})
