import { expect, test } from 'vitest'
import { en } from '../words/en.ts'
import { refusedWords } from './refusal.ts'

test('a code is said to stay only where one stands in the field', () => {
  for (const refused of [{ why: 'banned', untilMs: 0 }, { why: 'no-network' }] as const) {
    expect(refusedWords(refused, en, true)[1]).toContain('Your code stays here.')
    expect(refusedWords(refused, en, false)[1]).not.toContain('code')
  }
})
