import { expect, it } from 'vitest'
import { utf8Locale } from './locale.ts'

const debian = () => ['C', 'C.utf8', 'POSIX']

it.each([
  ['nothing', {}, { LANG: 'C.utf8' }],
  ['an empty LANG', { LANG: '' }, { LANG: 'C.utf8' }],
  ['C', { LANG: 'C' }, { LC_CTYPE: 'C.utf8' }],
  ['POSIX letters', { LC_CTYPE: 'POSIX' }, { LC_CTYPE: 'C.utf8' }],
  ['only how messages are written', { LC_MESSAGES: 'ru_RU.UTF-8' }, { LANG: 'C.utf8' }],
])('who chose %s gets UTF-8', (_what, env, set) => {
  expect(utf8Locale(env, debian)).toEqual(set)
})

it.each([
  ['a language', { LANG: 'de_DE.UTF-8' }],
  ['another encoding', { LANG: 'ru_RU.KOI8-R' }],
  ['letters beside C', { LANG: 'C', LC_CTYPE: 'en_GB.UTF-8' }],
  ['C for everything', { LC_ALL: 'C' }],
])('who chose %s keeps it', (_what, env) => {
  expect(utf8Locale(env, debian)).toEqual({})
})

it('what the platform has is taken, and C.UTF-8 where it does not say', () => {
  expect(utf8Locale({}, () => ['C', 'POSIX', 'de_DE.UTF-8', 'en_US.UTF-8'])).toEqual({ LANG: 'en_US.UTF-8' })
  expect(utf8Locale({}, () => ['C', 'fr_FR.utf8'])).toEqual({ LANG: 'fr_FR.utf8' })
  expect(utf8Locale({}, () => [])).toEqual({ LANG: 'C.UTF-8' })
})
