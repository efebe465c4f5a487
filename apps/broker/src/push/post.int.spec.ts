import { PUSH_BODY_BYTES } from '@latchkey/protocol/push'
import { afterEach, expect, it } from 'vitest'
import { cleanUp } from '../testing/harness.ts'
import { pushService } from '../testing/push-service.ts'
import { post } from './post.ts'

afterEach(cleanUp)

it('a connection goes to the pinned address, whatever the name says to the system', async () => {
  const service = await pushService()
  const { port } = new URL(service.origin)
  const url = new URL(`http://name-without-address.invalid:${port}/x`)
  const answered = await post({ url, pinned: ['127.0.0.1'] }, {}, new Uint8Array(PUSH_BODY_BYTES), 5_000)
  expect(answered).toMatchObject({ status: 201 })
  expect(service.heard[0]?.headers.host).toContain('name-without-address.invalid')
  expect(await post({ url, pinned: null }, {}, new Uint8Array(1), 5_000)).toBe('unreachable')
})

it('a push service that says nothing is a timeout, one that is not there is unreachable', async () => {
  const service = await pushService()
  service.answers(null)
  const way = { url: new URL(`${service.origin}/x`), pinned: null }
  expect(await post(way, {}, new Uint8Array(1), 50)).toBe('timeout')
  expect(
    await post({ url: new URL('http://127.0.0.1:9/x'), pinned: null }, {}, new Uint8Array(1), 5_000),
  ).toBe('unreachable')
})

it('an answer with endless headers is cut off', async () => {
  const service = await pushService()
  service.answers(
    201,
    Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`x-${at}`, 'y'.repeat(1_000)])),
  )
  const way = { url: new URL(`${service.origin}/x`), pinned: null }
  expect(await post(way, {}, new Uint8Array(1), 5_000)).toBe('unreachable')
})
