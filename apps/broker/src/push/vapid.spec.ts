import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { Vapid } from './vapid.ts'

it('broker instances with one signing key have one push key, others another', () => {
  const vapid = (signingKey: Buffer) => new Vapid({ signingKey, subject: 'mailto:a@b.net', clock: Date.now })
  const shared = randomBytes(32)
  expect(vapid(shared).publicKey).toBe(vapid(Buffer.from(shared)).publicKey)
  expect(vapid(shared).publicKey).not.toBe(vapid(randomBytes(32)).publicKey)
})

it('a token is made once an hour for each push service', async () => {
  let nowMs = 1_800_000_000_000
  const vapid = new Vapid({ signingKey: randomBytes(32), subject: 'mailto:a@b.net', clock: () => nowMs })
  const url = new URL('https://push.house.net/x')
  const first = await vapid.authorization(url)
  expect(await vapid.authorization(new URL('https://push.house.net/y'))).toBe(first)
  expect(await vapid.authorization(new URL('https://other.house.net/x'))).not.toBe(first)
  nowMs += 60 * 60 * 1_000
  expect(await vapid.authorization(url)).not.toBe(first)
})
