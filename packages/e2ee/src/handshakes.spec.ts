import { describe, expect, it } from 'vitest'
import { holdOneChannel } from './channel.fixture.ts'
import { SUITE } from './derivations.ts'
import { Conversation, type HandshakeRefusal, IGNORED } from './handshake.ts'
import { encodeMessage, HANDSHAKE_MESSAGE_BYTES_MAX } from './messages.ts'
import {
  appEnd,
  appKey,
  grant,
  meet,
  NOW_MS,
  otherKey,
  PID,
  type Relay,
  runnerEnd,
  ways,
} from './two-ends.fixture.ts'

describe('an app comes in', () => {
  it('with a typed code and the PIN on the screen', async () => {
    expect(holdOneChannel(await meet(appEnd(1, ways.pin), runnerEnd(1)))).toBe(true)
  })

  it('with what a QR code says, in one round trip and without a PIN', async () => {
    const met = await meet(appEnd(1, ways.qr), runnerEnd(1))
    expect(holdOneChannel(met)).toBe(true)
    expect(met.sent.map(({ to }) => to)).toEqual(['runner', 'runner', 'app'])
  })

  it('with messages in buffers that their transport uses again', async () => {
    const reused: Relay = (message) => [{ to: message.to, bytes: Buffer.from(message.bytes) }]
    const app = appEnd(1, ways.pin)
    const runner = runnerEnd(1)
    // The bytes are overwritten as soon as the call returns, while the message still waits for its turn.
    const handOver =
      <Step>(hear: (bytes: Uint8Array, nowMs: number) => Promise<Step>) =>
      (bytes: Uint8Array, nowMs: number): Promise<Step> => {
        const step = hear(bytes, nowMs)
        bytes.fill(0)
        return step
      }
    app.hear = handOver(app.hear.bind(app))
    runner.hear = handOver(runner.hear.bind(runner))
    expect(holdOneChannel(await meet(app, runner, reused))).toBe(true)
  })

  it('again with the key from an earlier grant', async () => {
    const met = await meet(appEnd(1, ways.resume), runnerEnd(1))
    expect(holdOneChannel(met)).toBe(true)
    expect(met.app).toMatchObject({ grant })
  })

  it('with the code typed with look-alikes, since both ends read them alike', async () => {
    const app = appEnd(1, { ...ways.pin, code: 'abc123xyz' })
    expect(holdOneChannel(await meet(app, runnerEnd(1)))).toBe(true)
  })

  it('with every message also heard twice at once: one step follows the other', async () => {
    const runner = runnerEnd(1)
    const [hello, greeting] = (await appEnd(1, ways.qr).begin(NOW_MS)).send
    const [first, second] = await Promise.all([runner.hear(hello!, NOW_MS), runner.hear(greeting!, NOW_MS)])
    expect([first.status, second.status]).toEqual(['waiting', 'proved'])
  })
})

describe('a PIN', () => {
  it('that is wrong opens nothing, and the app learns that it was', async () => {
    const wrong = (shown: string) => (shown === '000000' ? '000001' : '000000')
    const { app, runner } = await meet(appEnd(1, ways.pin), runnerEnd(1), undefined, wrong)
    expect(app).toMatchObject({ status: 'ended', refusal: 'pin-mismatch', by: 'us' })
    expect(runner).toMatchObject({ status: 'ended', refusal: 'pin-mismatch', by: 'peer' })
  })

  it('that cannot be one is not tried: the app asks again', async () => {
    const app = appEnd(1, ways.pin)
    const asked = await runnerEnd(1).hear((await app.begin(NOW_MS)).send[0]!, NOW_MS)
    await app.hear(asked.send[0]!, NOW_MS)
    for (const typed of ['', '12345', '1234567', '12345a', '12 345'])
      expect(await app.enterPin(typed)).toMatchObject({ status: 'pin-wanted', pinDigits: 6, send: [] })
    expect((await app.enterPin('123456')).status).toBe('waiting')
    expect((await app.enterPin('123457')).status).toBe('ignored')
  })

  it('of fewer than six digits is guessed and one of more than eight is asked of nobody: neither is typed', async () => {
    const challenged = async (pinDigits: number) => {
      const app = appEnd(1, ways.pin)
      await app.begin(NOW_MS)
      const nonce = new Uint8Array(16)
      const asked = { kind: 'challenge', suite: SUITE, nonce, pinDigits, ttlS: 120, label: 'forge' } as const
      const step = await app.hear(encodeMessage(PID, asked), NOW_MS)
      return step.status === 'ended' ? step.refusal : step.status
    }
    for (const digits of [6, 7, 8]) expect(await challenged(digits), `${digits}`).toBe('pin-wanted')
    for (const digits of [0, 1, 4, 5, 9, 10, 255])
      expect(await challenged(digits), `${digits}`).toBe('malformed')
  })

  it('is burnt before the answer leaves: two shares at once get one answer', async () => {
    const app = appEnd(1, ways.pin)
    const runner = runnerEnd(1)
    const asked = await runner.hear((await app.begin(NOW_MS)).send[0]!, NOW_MS)
    await app.hear(asked.send[0]!, NOW_MS)
    const share = (await app.enterPin('123456')).send[0]!
    const [first, second] = await Promise.all([runner.hear(share, NOW_MS), runner.hear(share, NOW_MS)])
    expect(first).toMatchObject({ status: 'pin-burnt' })
    expect(second).toMatchObject({ status: 'ended', refusal: 'unexpected' })
  })

  it('is no good after its time', async () => {
    const app = appEnd(1, ways.pin)
    const runner = runnerEnd(1)
    const asked = await runner.hear((await app.begin(NOW_MS)).send[0]!, NOW_MS)
    await app.hear(asked.send[0]!, NOW_MS)
    if (asked.status !== 'pin-asked') throw new Error(asked.status)
    const share = (await app.enterPin(asked.pin)).send[0]!
    expect(await runner.hear(share, NOW_MS + 120_000)).toMatchObject({ refusal: 'expired' })
  })
})

describe('a machine that passes itself off as another', () => {
  it('is found out by its keys though the person typed its PIN: an id is the fingerprint of them', async () => {
    const { app, runner } = await meet(appEnd(1, ways.pin), runnerEnd(1, {}, otherKey))
    expect(app).toMatchObject({ status: 'ended', refusal: 'not-authentic', by: 'us' })
    expect(runner).toMatchObject({ status: 'ended', by: 'peer' })
  })
})

describe('both ends', () => {
  it('refuse what is malformed, too long, of another version or attempt, or has no place', async () => {
    const hello = (await appEnd(1, ways.pin).begin(NOW_MS)).send[0]!
    const changed = (at: number, value: number) => hello.map((byte, i) => (i === at ? value : byte))
    const cases: [Uint8Array, HandshakeRefusal][] = [
      [new Uint8Array(0), 'malformed'],
      [hello.subarray(0, -1), 'malformed'],
      [Uint8Array.from([...hello, 0]), 'malformed'],
      [new Uint8Array(HANDSHAKE_MESSAGE_BYTES_MAX + 1), 'malformed'],
      [changed(0, 2), 'version'],
      [changed(2, 2), 'version'],
      [changed(3, 1), 'malformed'],
      [changed(4, 0), 'malformed'],
      [changed(1, 9), 'malformed'],
      [encodeMessage(PID, { kind: 'noise2', body: new Uint8Array(80) }), 'unexpected'],
    ]
    for (const [bytes, refusal] of cases) {
      expect(await runnerEnd(1).hear(bytes, NOW_MS)).toMatchObject({ status: 'ended', refusal, by: 'us' })
      const app = appEnd(1, ways.pin)
      await app.begin(NOW_MS)
      expect(await app.hear(bytes, NOW_MS)).toMatchObject({ status: 'ended', refusal, by: 'us' })
    }
  })

  it('say nothing after the end, and take no flood', async () => {
    const runner = runnerEnd(1)
    await runner.refuse('locked')
    const hello = (await appEnd(1, ways.pin).begin(NOW_MS)).send[0]!
    for (let times = 0; times < 20; times++)
      expect(await runner.hear(hello, NOW_MS)).toEqual({ status: 'ignored', send: [] })
    expect((await runner.grant(grant)).status).toBe('ignored')
    expect((await runner.refuse('busy')).status).toBe('ignored')
  })

  it('queue no more messages of one attempt than an honest end could send, whatever becomes of them', async () => {
    const talk = new Conversation(PID)
    const hello = (await appEnd(1, ways.pin).begin(NOW_MS)).send[0]!
    let taken = 0
    const flood = Array.from({ length: 100 }, () =>
      talk.hear(hello, () => ({ status: 'waiting', send: [], number: ++taken })),
    )
    const steps = await Promise.all(flood)
    expect(taken).toBe(8)
    expect(steps.slice(8)).toEqual(Array.from({ length: 92 }, () => IGNORED))
  })

  it('end when told to, and say who said so', async () => {
    const app = appEnd(1, ways.pin)
    await app.begin(NOW_MS)
    const { send } = await runnerEnd(1).refuse('busy')
    expect(await app.hear(send[0]!, NOW_MS)).toMatchObject({ refusal: 'busy', by: 'peer' })
    const leaving = appEnd(1, ways.pin)
    await leaving.begin(NOW_MS)
    expect(await leaving.cancel()).toMatchObject({ refusal: 'expired', by: 'us' })
  })

  it('offer more than one suite to nobody who has no say in it', async () => {
    const { nonce, suites } = { nonce: new Uint8Array(16), suites: Uint8Array.of(1, 2) }
    const resume = encodeMessage(PID, {
      kind: 'hello',
      nonce,
      suites,
      from: { method: 'resume', appId: grant.appId },
    })
    expect(await runnerEnd(1).hear(resume, NOW_MS)).toMatchObject({ refusal: 'version' })
    const pin = encodeMessage(PID, { kind: 'hello', nonce, suites, from: { method: 'pin', label: 'a' } })
    expect((await runnerEnd(1).hear(pin, NOW_MS)).status).toBe('pin-asked')
    const none = encodeMessage(PID, {
      kind: 'hello',
      nonce,
      suites: Uint8Array.of(2),
      from: { method: 'pin', label: 'a' },
    })
    expect(await runnerEnd(1).hear(none, NOW_MS)).toMatchObject({ refusal: 'version' })
  })

  it('show labels without what could rewrite the line they stand in', async () => {
    const label = 'evil\u001b[2J\u202eexe\u0007'
    const hello = encodeMessage(PID, {
      kind: 'hello',
      nonce: new Uint8Array(16),
      suites: Uint8Array.of(1),
      from: { method: 'pin', label },
    })
    expect(await runnerEnd(1).hear(hello, NOW_MS)).toMatchObject({ label: 'evil[2Jexe' })
  })

  it('wipe every secret at the end, whichever end it is', async () => {
    for (const end of [(talk: Conversation) => talk.end('busy'), (talk: Conversation) => talk.finish()]) {
      const talk = new Conversation(PID)
      const secret = talk.secrets.keep(Uint8Array.of(1, 2, 3))
      end(talk)
      expect(secret).toEqual(new Uint8Array(3))
    }
  })

  it("wipe the app's key of one attempt, never the app's own", async () => {
    await meet(appEnd(1, ways.pin), runnerEnd(1))
    expect(await appKey.agree(otherKey.publicKey)).toHaveLength(32)
  })
})
