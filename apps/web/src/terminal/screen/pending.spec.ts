import { expect, test } from 'vitest'
import { asksForSecret, keysOf } from './pending.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('text is shown as text, keys by their signs', () => {
  expect(keysOf(bytes('git push\r')).join('')).toBe('git push⏎')
  expect(keysOf(bytes('\u001b[A\u0003\u007f'))).toEqual(['↑', '^C', '⌫'])
  expect(keysOf(bytes('\u001b[200~a\rb\u001b[201~\r')).join('')).toBe('a⏎b⏎')
})

test('a half character is not shown', () => {
  expect(keysOf(bytes('я').subarray(0, 1))).toEqual([])
  expect(keysOf(bytes('я'))).toEqual(['я'])
})

test('a line that asks for a secret is known', () => {
  expect(asksForSecret('[sudo] password for ada: ')).toBe(true)
  expect(asksForSecret("Enter passphrase for key '/home/ada/.ssh/id': ")).toBe(true)
  expect(asksForSecret('[sudo] пароль для ada: ')).toBe(true)
  expect(asksForSecret('~/work $ ')).toBe(false)
})
