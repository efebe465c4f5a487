import { expect, test } from 'vitest'
import { BASELINE, type ComposePolicy, edited, isDone, policyFor, rawField, setBack } from './raw-field.ts'

/** Plays a keyboard's edits: each step is the text after the baseline and whether it is still being composed. */
function played(policy: ComposePolicy, steps: ReadonlyArray<readonly [string, boolean]>): string {
  let field = rawField(policy)
  let sent = ''
  for (const [value, composing] of steps) {
    const edit = edited(field, value, composing)
    field = !composing && isDone(edit.next) ? setBack(edit.next) : edit.next
    sent += edit.send
  }
  return sent
}
const after = (text: string): string => BASELINE + text

test('plain letters are sent as they come', () => {
  expect(
    played('as-typed', [
      [after('l'), false],
      [after('s'), false],
    ]),
  ).toBe('ls')
})

test('a word composed letter by letter appears letter by letter, once', () => {
  const steps = ['e', 'ec', 'ech', 'echo'].map((word) => [after(word), true] as const)
  expect(played('as-typed', [...steps, [after('echo'), false]])).toBe('echo')
})

test('a correction takes back what it replaces', () => {
  expect(
    played('as-typed', [
      [after('teh'), true],
      [after('the '), false],
    ]),
  ).toBe('teh\u007f\u007fhe ')
})

test('backspace in an empty field is a backspace', () => {
  expect(played('as-typed', [[BASELINE.slice(1), false]])).toBe('\u007f')
  expect(
    played('as-typed', [
      [BASELINE.slice(1), false],
      [BASELINE.slice(1), false],
    ]),
  ).toBe('\u007f\u007f')
})

test('spelled scripts are sent when composed, not while they are spelled', () => {
  expect(
    played('when-composed', [
      [after('n'), true],
      [after('ni'), true],
      [after('你'), false],
    ]),
  ).toBe('你')
})

test('a moved caret re-sends the tail, never the whole', () => {
  expect(
    played('as-typed', [
      [after('abd'), true],
      [after('abcd'), true],
    ]),
  ).toBe('abd\u007fcd')
})

test('characters outside the basic plane are one backspace each', () => {
  expect(
    played('as-typed', [
      [after('😀'), true],
      [after(''), false],
    ]),
  ).toBe('😀\u007f')
})

test('Chinese, Japanese and Korean keyboards are waited for', () => {
  expect(policyFor(['en-GB', 'zh-Hans'])).toBe('when-composed')
  expect(policyFor(['en', 'ru'])).toBe('as-typed')
})
