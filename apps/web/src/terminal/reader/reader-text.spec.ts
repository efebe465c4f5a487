import { expect, test } from 'vitest'
import { pathIn } from './path-in.ts'
import { piecesOf } from './reader-text.ts'

test('addresses become links, the full stop after them does not', () => {
  expect(piecesOf('see http://localhost:5173/a. Done', '')).toEqual([
    { text: 'see ', href: null, found: false },
    { text: 'http://localhost:5173/a', href: 'http://localhost:5173/a', found: false },
    { text: '. Done', href: null, found: false },
  ])
})

test('what is sought is marked wherever it stands', () => {
  const found = piecesOf('Test failed\n1 test', 'TEST').filter((piece) => piece.found)
  expect(found.map((piece) => piece.text)).toEqual(['Test', 'test'])
})

test('only web addresses are links', () => {
  expect(piecesOf('javascript:alert(1) file:///etc/passwd', '').every((piece) => piece.href === null)).toBe(
    true,
  )
})

test('a path is what looks like a file, with or without a line', () => {
  const paths = (text: string) => piecesOf(text, '').flatMap(({ path }) => path ?? [])
  expect(paths('at src/app.ts:48:7, ./run and ~/notes/a.md or /etc/hosts; Makefile:3 no')).toEqual([
    'src/app.ts:48:7',
    './run',
    '~/notes/a.md',
    '/etc/hosts',
  ])
  expect(paths('and/or 3/4 https://example.org/a/b.ts:3')).toEqual([])
})

test('a relative path begins at the folder in which its command ran', () => {
  expect(pathIn('/home/me/', { path: 'src/a.ts', line: 4 })).toEqual({ path: '/home/me/src/a.ts', line: 4 })
  expect(pathIn('/home/me', { path: '~/a.ts', line: null })).toEqual({ path: '~/a.ts', line: null })
  expect(pathIn(null, { path: 'a.ts', line: null })).toEqual({ path: 'a.ts', line: null })
})
