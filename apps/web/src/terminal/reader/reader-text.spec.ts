import { expect, test } from 'vitest'
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
