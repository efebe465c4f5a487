import { expect, it } from 'vitest'
import { unfinishedAfter } from './unfinished.ts'

const NOTHING = new Uint8Array(0)
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))

it('between characters and sequences nothing is unfinished', () => {
  expect(unfinishedAfter(bytes('\x1b[3'), bytes('1mtext'), false)).toEqual(NOTHING)
  expect(unfinishedAfter(NOTHING, bytes('\xc3\xa4'), false)).toEqual(NOTHING)
})

it('a character that came in part is unfinished, over any number of pieces', () => {
  const first = unfinishedAfter(NOTHING, bytes('ab\xf0'), false)
  expect(first).toEqual(bytes('\xf0'))
  const second = unfinishedAfter(first, bytes('\x9f'), false)
  expect(second).toEqual(bytes('\xf0\x9f'))
  const third = unfinishedAfter(second, bytes('\x99'), false)
  expect(third).toEqual(bytes('\xf0\x9f\x99'))
  expect(unfinishedAfter(third, bytes('\x82'), false)).toEqual(NOTHING)
})

it('bytes that begin no character are not waited for', () => {
  expect(unfinishedAfter(NOTHING, bytes('\x80\x80\x80'), false)).toEqual(NOTHING)
})

it('a sequence is unfinished from its last beginning, over any number of pieces', () => {
  const first = unfinishedAfter(NOTHING, bytes('\x1b[1mtext\x1b[3'), true)
  expect(first).toEqual(bytes('\x1b[3'))
  expect(unfinishedAfter(first, bytes('8;5'), true)).toEqual(bytes('\x1b[38;5'))
})

it('the one-character beginnings count too', () => {
  expect(unfinishedAfter(NOTHING, bytes('x\xc2\x9b3'), true)).toEqual(bytes('\xc2\x9b3'))
})
