import { describe, expect, it } from 'vitest'
import { holdOneChannel } from './channel.fixture.ts'
import { guestSealer } from './guest-sealer.ts'
import { parseShareFragment, shareFragment } from './share-url.ts'
import {
  appEnd,
  appKey,
  meet,
  NOW_MS,
  oneTimeSecret,
  PID,
  primitives,
  runnerEnd,
  runnerId,
  seededEntropy,
  ways,
} from './two-ends.fixture.ts'

const { shareId, secret, reach } = ways.share
const url = { runnerId, reach, shareId, secret }

describe('a share link', () => {
  it('lets a guest in, in one round trip, as often as it comes', async () => {
    for (const seed of [1, 2]) {
      const met = await meet(appEnd(seed, ways.share), runnerEnd(seed))
      expect(holdOneChannel(met)).toBe(true)
      expect(met.sent.map(({ to }) => to)).toEqual(['runner', 'runner', 'app'])
    }
  })

  it('tells the machine by which link the guest came, and with which key', async () => {
    const runner = runnerEnd(1)
    const [hello, greeting] = (await appEnd(1, ways.share).begin(NOW_MS)).send
    await runner.hear(hello!, NOW_MS)
    expect(await runner.hear(greeting!, NOW_MS)).toMatchObject({
      status: 'proved',
      app: { method: 'share', shareId, appKey: appKey.publicKey, label: 'Guest', appId: null },
    })
  })

  it('that has ended lets nobody in, and the guest hears that', async () => {
    const { app, runner } = await meet(appEnd(1, ways.share), runnerEnd(1, { shareSecret: () => null }))
    expect(runner).toMatchObject({ status: 'ended', refusal: 'expired' })
    expect(app).toMatchObject({ status: 'ended', refusal: 'expired', by: 'peer' })
  })

  it('with another secret, of another link, or to another machine opens nothing', async () => {
    const other = seededEntropy('another')(16)
    for (const way of [
      { ...ways.share, secret: other },
      { ...ways.share, shareId: new Uint8Array(8), secret: other },
      { ...ways.share, reach: appKey.publicKey },
    ]) {
      const { app, runner } = await meet(appEnd(1, way), runnerEnd(1))
      expect([app.status, runner.status]).toEqual(['ended', 'ended'])
    }
  })

  it('is no pairing URL, and a pairing URL no share link, though both had one secret', async () => {
    const asQr = await meet(appEnd(1, ways.qr), runnerEnd(1, { oneTimeSecret: () => null }))
    expect(asQr.runner.status).toBe('ended')
    // The messages of one way under the name of the other.
    const [hello] = (await appEnd(1, ways.qr).begin(NOW_MS)).send
    const [, greeting] = (await appEnd(1, { ...ways.share, secret: oneTimeSecret }).begin(NOW_MS)).send
    const runner = runnerEnd(1)
    await runner.hear(hello!, NOW_MS)
    expect(await runner.hear(greeting!, NOW_MS)).toMatchObject({ status: 'ended' })
  })

  it('is read as it was written, and nothing else is one', () => {
    const fragment = shareFragment(url)!
    expect(fragment.length).toBeLessThan(120)
    expect(parseShareFragment(`#${fragment}`)).toEqual(url)
    expect(parseShareFragment(`${fragment}.later`)).toEqual(url)
    expect(shareFragment({ ...url, runnerId: 'a.b' })).toBeNull()
    for (const text of ['', '1', fragment.slice(0, -1), fragment.replace('1.', '2.'), '1.ABC123XYZ'])
      expect(parseShareFragment(text)).toBeNull()
  })
})

describe('a guest’s sealer', () => {
  const sealer = guestSealer({
    ...{ primitives, entropy: seededEntropy('guest'), key: appKey, share: url },
    nowMs: () => NOW_MS,
  })

  it('knows the machine of its link and no other', async () => {
    expect([await sealer.knows(runnerId), await sealer.knows('another')]).toEqual([true, false])
    expect(await sealer.routeTicket('another')).toBeNull()
    const led = sealer.handshake({ runnerId: 'another', pid: PID, way: null, label: 'Guest' })
    expect(await led.begin()).toMatchObject({ status: 'refused', refusal: 'runner-changed' })
  })

  it('opens a channel without a store, and greets later each time', async () => {
    const greetings: number[] = []
    for (const seed of [1, 2]) {
      const runner = runnerEnd(seed)
      const guest = sealer.handshake({ runnerId, pid: PID, way: null, label: 'Guest' })
      const [hello, greeting] = (await guest.begin()).send
      await runner.hear(hello!, NOW_MS)
      const proved = await runner.hear(greeting!, NOW_MS)
      if (proved.status !== 'proved') throw new Error(proved.status)
      greetings.push(proved.app.greetedAtMs)
      const granted = await runner.grant({
        ...{
          appId: new Uint8Array(16),
          resumeKey: new Uint8Array(32),
          expiresAtMs: NOW_MS,
          revocationRev: 0,
        },
        permissions: { view: true, input: false, admin: false, approve: false, send: false },
      })
      if (granted.status !== 'open') throw new Error(granted.status)
      expect(await guest.hear(granted.send[0]!)).toMatchObject({ status: 'open' })
    }
    expect(greetings[1]).toBeGreaterThan(greetings[0]!)
  })

  it('does not try again where the link has ended', async () => {
    const guest = sealer.handshake({ runnerId, pid: PID, way: null, label: 'Guest' })
    const runner = runnerEnd(1, { shareSecret: () => null })
    const abort = (await runner.hear((await guest.begin()).send[0]!, NOW_MS)).send[0]!
    expect(await guest.hear(abort)).toMatchObject({ status: 'refused', refusal: 'revoked' })
  })
})
