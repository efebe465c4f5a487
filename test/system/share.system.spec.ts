import { routeTicket } from '@latchkey/e2ee/derivations'
import { parseShareFragment } from '@latchkey/e2ee/share-url'
import { base64url } from '@latchkey/protocol/bytes'
import { CloseReason } from '@latchkey/protocol/terminal/frames'
import { expect, it } from 'vitest'
import { testBroker, until } from '../../apps/broker/src/testing/harness.ts'
import { textOf } from '../../apps/runner/src/testing/app-under-test.ts'
import { again, newKeys, pair, resumeWay, seal } from './sealed-app.ts'
import { machine, paired } from './sealed-machine.ts'

/** A guest with what stands in the link, and nothing else. */
function guestOf(fragment: string) {
  const url = parseShareFragment(fragment)
  if (url === null) throw new Error('no share link')
  const { runnerId, reach, shareId, secret } = url
  return {
    by: { runnerId, routeTicket: base64url(routeTicket(secret, runnerId)) },
    way: { method: 'share', label: 'Firefox', reach, shareId, secret } as const,
  }
}

it('a share link opens one terminal without a code, once, until it is ended; the broker reads nothing of it', async () => {
  const broker = await testBroker()
  const on = await machine(broker)
  const { raw: first, keys: known } = await paired(broker, on)
  const back = await seal(await again(broker, first), known, resumeWay(known), undefined, ['shares'])
  const { app } = back
  if (app === null) throw new Error('not let in')
  const [shared, other] = [await app.open(), await app.open()]
  const made = await on.ask({
    ...{ command: 'share', terminal: String(shared), type: false, history: false },
    ...{ forMs: 3_600_000, guestsMax: 1 },
  })
  if (!made.ok || typeof made.fragment !== 'string') throw new Error(JSON.stringify(made))
  const { by, way } = guestOf(made.fragment)

  const raw = await pair(broker, by)
  const keys = await newKeys()
  const guest = await seal(raw, keys, way)
  expect(guest.step).toMatchObject({
    status: 'open',
    grant: { permissions: { view: true, input: false, approve: false, send: false } },
  })
  expect(await guest.app?.heard('welcome')).toMatchObject({
    mayType: false,
    terminals: [{ terminal: shared }],
  })
  guest.app?.attach(shared)
  guest.app?.attach(other)
  expect(await guest.app?.heard('error')).toMatchObject({ code: 'NO_SUCH_TERMINAL' })
  await app.heard('terminal', ({ watchers }) => watchers.some((one) => one.guest === true))
  await app.heard('shares', ({ shares: [one] }) => one?.guests[0]?.here === true)
  app.attach(shared)
  await app.heard('attached')
  app.type(shared, 0, 'echo cana""ry-word\n')
  await until('the word', () =>
    textOf(guest.app?.seen(shared).bytes ?? new Uint8Array()).includes('canary-word'),
  )
  const carried = Buffer.concat(raw.captured).toString('latin1')
  expect(carried).not.toContain('canary-word')

  // Another browser comes too late; the same one comes back, also over another channel.
  const second = await seal(await pair(broker, by), await newKeys(), way)
  expect(second.step).toMatchObject({ status: 'ended', refusal: 'expired' })
  expect((await seal(await again(broker, raw), keys, way)).step.status).toBe('open')
  expect(await on.ask({ command: 'shares' })).toMatchObject({
    shares: [{ name: 'Terminal 1', guestsMax: 1, guests: [{ label: 'Firefox', here: true }] }],
  })

  expect(await on.ask({ command: 'unshare', share: null })).toMatchObject({ ok: true })
  await until('the end of the channel', () => raw.closed.reason === CloseReason.unpaired)
  await expect(pair(broker, by)).rejects.toThrow('CODE_NOT_FOUND')
})
