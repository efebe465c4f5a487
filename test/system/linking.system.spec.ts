import { accountState } from '@latchkey/protocol/accounts'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, pause, type TestClient, until, within } from '../../apps/broker/src/testing/harness.ts'
import { phoneNumber } from '../../packages/whatsapp/src/testing/companion.ts'
import type { FakeWhatsApp } from '../../packages/whatsapp/src/testing/fake-whatsapp.ts'
import { type AccountBroker, accountBrokers } from './account-brokers.ts'

/** Several brokers as real processes on PostgreSQL and Redis, the real client, a WhatsApp on loopback. */
afterEach(cleanUp)

const LEASE_SECONDS = 4
const MOVED_MS_MAX = (LEASE_SECONDS + 10) * 1_000

const stateOf = (page: TestClient) =>
  page.heard
    .filter(({ event }) => event === 'link-state')
    .map(({ data }) => accountState.parse(data))
    .at(-1)

async function link(broker: AccountBroker, wa: FakeWhatsApp, salon: string, number: number): Promise<void> {
  const page = await broker.page(salon)
  await page.call('request-qr')
  await until('a QR', () => stateOf(page)?.qr != null)
  await wa.phone(phoneNumber(number)).scanQr(stateOf(page)?.qr?.text ?? '')
  await until('a link', () => stateOf(page)?.state === 'connected')
  page.close()
}

/** The devices that have a connection now, one entry for each connection. */
const openDevices = (wa: FakeWhatsApp): readonly string[] =>
  wa.live().flatMap(({ device }) => device?.jid ?? [])

/** Looks every few milliseconds for a device with two connections; answers with how long there was one at most. */
function watchForTwo(wa: FakeWhatsApp): () => number {
  let sinceMs: number | null = null
  let longestMs = 0
  const timer = setInterval(() => {
    const open = openDevices(wa)
    if (new Set(open).size === open.length) sinceMs = null
    else {
      sinceMs ??= performance.now()
      longestMs = Math.max(longestMs, performance.now() - sinceMs)
    }
  }, 5)
  return () => {
    clearInterval(timer)
    return longestMs
  }
}

it('a broker that is killed has its sessions moved within the lease and ten seconds, and never are two connections of one open (sentences 10, 62)', async () => {
  const { wa, start } = await accountBrokers(LEASE_SECONDS)
  const one = await start()
  await link(one, wa, '1', 1)
  await link(one, wa, '2', 2)
  const two = await start()
  const elsewhere = await two.page('1')
  await until('it to be shown elsewhere', () => stateOf(elsewhere)?.state === 'elsewhere')
  expect(await elsewhere.call('request-qr')).toMatchObject({ code: 'OTHER_NODE' })
  const stopWatching = watchForTwo(wa)
  await one.kill()
  await until('both connections to be gone', () => openDevices(wa).length === 0)
  await within(
    'the sessions to move',
    (async () => {
      while (openDevices(wa).length < 2) await pause(20)
    })(),
    MOVED_MS_MAX,
  )
  await until('the page to hear of it', () => stateOf(elsewhere)?.state === 'connected')
  expect(stopWatching()).toBe(0)
  expect(wa.devices.size).toBe(2)
})

it('a broker that was stopped for two leases and goes on opens nothing and writes nothing (sentence 62)', async () => {
  const { wa, start, leaseUntil } = await accountBrokers(LEASE_SECONDS)
  const one = await start()
  await link(one, wa, '1', 1)
  const two = await start()
  const page = await two.page('1')
  one.pause()
  await within(
    'the session to move',
    (async () => {
      while (stateOf(page)?.state !== 'connected') await pause(20)
    })(),
    MOVED_MS_MAX,
  )
  const taken = await leaseUntil('1')
  await within(
    'another lease to pass',
    (async () => {
      while ((await leaseUntil('1')) < taken + LEASE_SECONDS * 1_000) await pause(100)
    })(),
    MOVED_MS_MAX,
  )
  const opened = wa.clients.length
  const stopWatching = watchForTwo(wa)
  one.resume()
  // It knows that the session is another's: whatever it would have done by itself, it has done.
  await until('the one that went on to know', async () => {
    const again = await one.page('1')
    await until('a picture', () => stateOf(again) !== undefined)
    again.close()
    return stateOf(again)?.state === 'elsewhere'
  })
  expect(stopWatching()).toBeLessThan(1_000)
  expect(wa.clients).toHaveLength(opened)
  expect(openDevices(wa)).toHaveLength(1)
  // The one that went on has not thrown the other's credentials away: it still comes back with them.
  for (const client of wa.live()) client.drop()
  await until('it to come back', () => openDevices(wa).length === 1)
  expect(stateOf(page)?.state).not.toBe('logged_out')
})

it('a failure that the client library left to nobody is logged, and ends neither the broker nor a link (sentence 24)', async () => {
  const { wa, start } = await accountBrokers(LEASE_SECONDS)
  const one = await start()
  await link(one, wa, '1', 1)
  const opened = wa.clients.length
  for (let n = 0; n < 3; n++) await one.strayFailure()
  const page = await one.page('1')
  await until('a picture', () => stateOf(page) !== undefined)
  expect(stateOf(page)?.state).toBe('connected')
  expect(wa.clients).toHaveLength(opened)
  expect(openDevices(wa)).toHaveLength(1)
})
