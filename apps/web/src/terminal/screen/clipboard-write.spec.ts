import { expect, test } from 'vitest'
import { copiedText, lineCountOf } from './clipboard-write.ts'

test('what a program copies is read as text', () => {
  expect(copiedText(`c;${btoa('three\nlines\n')}`)).toBe('three\nlines\n')
  expect(copiedText(`;${btoa('\u00c3\u00a9')}`)).toBe('é')
})

test('a question for the clipboard, nothing, and nonsense are not taken', () => {
  for (const data of ['c;?', 'c;', 'c', 'c;%%%', 'c;a', `c;${'A'.repeat(2_000_000)}`])
    expect(copiedText(data), data.slice(0, 9)).toBeNull()
})

test('lines are counted as people count them', () => {
  expect([lineCountOf('one'), lineCountOf('one\n'), lineCountOf('a\nb\nc')]).toEqual([1, 1, 3])
})
