import { describe, expect, it } from 'vitest'
import { holdOneChannel } from './channel.fixture.ts'
import type { HandshakeRefusal } from './handshake.ts'
import { firstResumeKeys, RETIRED_KEYS_MAX, type ResumeKeys, renewResumeKeys } from './resume-keys.ts'
import {
  appEnd,
  appKey,
  grant,
  knownApp,
  meet,
  NOW_MS,
  type Outcome,
  otherKey,
  type Relay,
  runnerEnd,
  runnerKey,
  ways,
} from './two-ends.fixture.ts'

const refusalOf = (step: { status: string; refusal?: HandshakeRefusal }): HandshakeRefusal | string =>
  step.refusal ?? step.status

describe('the runner refuses', () => {
  const refused = async (met: Promise<Outcome>): Promise<string[]> => {
    const { app, runner } = await met
    return [refusalOf(runner), refusalOf(app)]
  }

  it('for every reason that only it knows, and the app is told', async () => {
    for (const refusal of ['busy', 'window-closed', 'locked', 'expired'] as const) {
      const met = meet(appEnd(1, ways.pin), runnerEnd(1, { admit: () => refusal }))
      expect(await refused(met)).toEqual([refusal, refusal])
    }
  })

  it('a secret of a QR code that was used up', async () => {
    expect(await refused(meet(appEnd(1, ways.qr), runnerEnd(1, { oneTimeSecret: () => null })))).toEqual([
      'expired',
      'expired',
    ])
    const other = new Uint8Array(16)
    expect(await refused(meet(appEnd(1, ways.qr), runnerEnd(1, { oneTimeSecret: () => other })))).toEqual([
      'expired',
      'expired',
    ])
  })

  it('an app that it does not know, holds or has revoked', async () => {
    const unknown = runnerEnd(1, { knownApp: () => null })
    expect(await refused(meet(appEnd(1, ways.resume), unknown))).toEqual(['unknown-app', 'revoked'])
    for (const standing of ['held', 'revoked'] as const) {
      const runner = runnerEnd(1, { knownApp: () => ({ ...knownApp, standing }) })
      expect(await refused(meet(appEnd(1, ways.resume), runner))).toEqual(['revoked', 'revoked'])
    }
  })

  it('a revoked key for ever, whatever way it comes', async () => {
    for (const way of [ways.pin, ways.qr, ways.resume])
      expect(await refused(meet(appEnd(1, way), runnerEnd(1, { isRevoked: () => true })))).toEqual([
        'revoked',
        'revoked',
      ])
  })

  it("another app's key behind a known app's name", async () => {
    expect(await refused(meet(appEnd(1, ways.resume, otherKey), runnerEnd(1)))).toEqual([
      'not-authentic',
      'malformed',
    ])
  })

  it('an app that proves one key with its PIN and speaks with another', async () => {
    let asked = 0
    const twoFaced = {
      get publicKey() {
        return asked++ === 0 ? otherKey.publicKey : appKey.publicKey
      },
      agree: (theirs: Uint8Array) => appKey.agree(theirs),
      forget: () => {},
    }
    expect(await refused(meet(appEnd(1, ways.pin, twoFaced), runnerEnd(1)))).toEqual([
      'not-authentic',
      'malformed',
    ])
  })

  it('a proof of the PIN, or a greeting behind it, that was changed on the way', async () => {
    const flip =
      (at: number): Relay =>
      (message) =>
        message.at === 4
          ? [{ to: 'runner', bytes: message.bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)) }]
          : [message]
    const [tagAt, greetingAt] = [20, 20 + 64 + 40]
    expect((await refused(meet(appEnd(1, ways.pin), runnerEnd(1), flip(tagAt))))[0]).toBe('pin-mismatch')
    expect((await refused(meet(appEnd(1, ways.pin), runnerEnd(1), flip(greetingAt))))[0]).toBe(
      'not-authentic',
    )
  })

  it('a greeting that is not newer than the last one', async () => {
    const runner = () => runnerEnd(1, { knownApp: () => ({ ...knownApp, greetedAtMs: NOW_MS }) })
    expect(await refused(meet(appEnd(1, ways.resume), runner()))).toEqual(['replayed', 'malformed'])
    expect(
      holdOneChannel(await meet(appEnd(1, ways.resume), runner(), undefined, undefined, NOW_MS + 1)),
    ).toBe(true)
  })
})

describe('a resume key that was replaced', () => {
  const keysOf = (keys: ResumeKeys) => runnerEnd(1, { knownApp: () => ({ ...knownApp, keys }) })
  const fresh = new Uint8Array(32).fill(7)
  const comeWith = (resumeKey: Uint8Array, keys: ResumeKeys) =>
    meet(appEnd(1, { ...ways.resume, resumeKey }), keysOf(keys))
  const renewed = (keys: ResumeKeys, used: Uint8Array, next: Uint8Array): ResumeKeys => {
    const after = renewResumeKeys(keys, used, next)
    if (after === null) throw new Error('not a key that opens')
    return after
  }
  const offered = renewed(firstResumeKeys(grant.resumeKey), grant.resumeKey, fresh)
  const inUse = renewed(offered, fresh, new Uint8Array(32).fill(8))

  it('still opens while nobody has come with the new one', async () => {
    expect(holdOneChannel(await comeWith(grant.resumeKey, offered))).toBe(true)
    expect(holdOneChannel(await comeWith(fresh, offered))).toBe(true)
  })

  it('raises the alarm once somebody came with the new one: two hold the same keys', async () => {
    const { runner, app } = await comeWith(grant.resumeKey, inUse)
    expect(runner).toMatchObject({ status: 'cloned', appId: grant.appId })
    expect(app).toMatchObject({ status: 'ended', refusal: 'revoked' })
  })

  it('raises the alarm also where it is the oldest of all that are remembered', async () => {
    const others = Array.from({ length: RETIRED_KEYS_MAX - 1 }, (_, at) => new Uint8Array(32).fill(at, 1))
    const { runner } = await comeWith(grant.resumeKey, { ...inUse, retired: [...others, grant.resumeKey] })
    expect(runner).toMatchObject({ status: 'cloned' })
  })

  it('raises no alarm for an old greeting that a relay sends again', async () => {
    const runner = runnerEnd(1, { knownApp: () => ({ ...knownApp, keys: inUse, greetedAtMs: NOW_MS }) })
    expect((await meet(appEnd(1, ways.resume), runner)).runner).toMatchObject({ refusal: 'replayed' })
  })

  it('is not even tried on a message of somebody else', async () => {
    let asked = 0
    const reach = {
      ...runnerKey,
      publicKey: runnerKey.publicKey,
      agree: (theirs: Uint8Array) => {
        asked += 1
        return runnerKey.agree(theirs)
      },
    }
    const runner = runnerEnd(1, { knownApp: () => ({ ...knownApp, keys: inUse }) }, reach)
    const stranger = appEnd(1, { ...ways.resume, resumeKey: grant.resumeKey }, otherKey)
    expect((await meet(stranger, runner)).runner).toMatchObject({ refusal: 'not-authentic' })
    expect(asked, 'two key agreements, for one key').toBe(2)
  })

  it('of an offer that nobody came with is remembered as such', () => {
    const again = renewed(offered, grant.resumeKey, new Uint8Array(32))
    expect(again.retired).toEqual([fresh])
    expect(again.confirmed).toBe(grant.resumeKey)
  })
})
