import { randomBytes } from 'node:crypto'
import { PUSH_BODY_BYTES } from '@latchkey/protocol/push'
import { expect, it } from 'vitest'
import { pushedBrowser } from '../testing/pushed-browser.ts'
import { hasGoodKeys, PUSH_TEXT_BYTES_MAX, sealPush } from './sealed-push.ts'

const browser = pushedBrowser('https://push.test/one')

it('another implementation of RFC 8291 reads what was sealed, whatever its length', () => {
  for (const text of ['', 'x', 'Ждёт вас 需要你', 'y'.repeat(PUSH_TEXT_BYTES_MAX)])
    expect(browser.textOf(sealPush(text, browser.subscription, randomBytes))).toBe(text)
})

it('all bodies have one size, and no two are alike', () => {
  const bodies = ['', 'x', 'y'.repeat(PUSH_TEXT_BYTES_MAX), 'x'].map((text) =>
    sealPush(text, browser.subscription, randomBytes),
  )
  expect(new Set(bodies.map(({ length }) => length))).toEqual(new Set([PUSH_BODY_BYTES]))
  expect(new Set(bodies.map((body) => Buffer.from(body).toString('hex'))).size).toBe(bodies.length)
})

it('a body is for one subscription alone, and a changed one is refused', () => {
  const body = sealPush('secret', browser.subscription, randomBytes)
  expect(() => pushedBrowser('https://push.test/two').textOf(body)).toThrow()
  body[200] = (body[200] ?? 0) ^ 1
  expect(() => browser.textOf(body)).toThrow()
})

it('keys that are no point of the curve, or have another length, are no keys', () => {
  const { subscription } = browser
  expect(hasGoodKeys(subscription)).toBe(true)
  const offCurve = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)]).toString('base64url')
  for (const p256dh of [offCurve, '', 'A'.repeat(87), subscription.p256dh.slice(0, -2)])
    expect(hasGoodKeys({ ...subscription, p256dh })).toBe(false)
  expect(hasGoodKeys({ ...subscription, auth: 'AAAA' })).toBe(false)
})

it('random bytes that are no private key are drawn again', () => {
  const draws = [Buffer.alloc(32), Buffer.alloc(32, 0xff), randomBytes(32), randomBytes(16)]
  const body = sealPush('text', browser.subscription, () => draws.shift() ?? Buffer.alloc(0))
  expect(browser.textOf(body)).toBe('text')
})
