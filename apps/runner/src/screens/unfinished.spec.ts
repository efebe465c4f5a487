import { Characters } from '@latchkey/connection/emulator/characters'
import { expect, it } from 'vitest'
import { unfinishedAfter } from './unfinished.ts'

const NOTHING = new Uint8Array(0)
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))

it('between characters and sequences nothing is unfinished', () => {
  const between = { inSequence: false, cut: NOTHING }
  expect(unfinishedAfter(bytes('\x1b[3'), bytes('1mtext'), between)).toEqual(NOTHING)
})

it('a character that came in part is unfinished, over any number of pieces', () => {
  const characters = new Characters()
  let unfinished: Uint8Array = NOTHING
  const after = (piece: string) => {
    characters.read(bytes(piece))
    unfinished = unfinishedAfter(unfinished, bytes(piece), { inSequence: false, cut: characters.cut })
    return unfinished
  }
  expect(after('ab\xf0')).toEqual(bytes('\xf0'))
  expect(after('\x9f')).toEqual(bytes('\xf0\x9f'))
  expect(after('\x99')).toEqual(bytes('\xf0\x9f\x99'))
  expect(after('\x82')).toEqual(NOTHING)
})

it('a sequence is unfinished from its last beginning, over any number of pieces', () => {
  const within = { inSequence: true, cut: NOTHING }
  const first = unfinishedAfter(NOTHING, bytes('\x1b[1mtext\x1b[3'), within)
  expect(first).toEqual(bytes('\x1b[3'))
  expect(unfinishedAfter(first, bytes('8;5'), within)).toEqual(bytes('\x1b[38;5'))
})

it('a character that a title is cut in belongs to the title', () => {
  const cut = bytes('\xe2\x80')
  expect(unfinishedAfter(NOTHING, bytes('\x1b]2;a\xe2\x80'), { inSequence: true, cut })).toEqual(
    bytes('\x1b]2;a\xe2\x80'),
  )
})

it('the one-character beginnings count too, also when they are cut themselves', () => {
  const within = { inSequence: true, cut: NOTHING }
  expect(unfinishedAfter(NOTHING, bytes('x\xc2\x9b3'), within)).toEqual(bytes('\xc2\x9b3'))
  expect(unfinishedAfter(bytes('\xc2'), bytes('\x9b3'), within)).toEqual(bytes('\xc2\x9b3'))
})
