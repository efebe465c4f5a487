import { concatenated } from '@latchkey/protocol/bytes'
import { describe, expect, it } from 'vitest'
import fixture from '../fixtures/rp1-known-answers.json' with { type: 'json' }
import { AppHandshake } from './app-handshake.ts'
import { SealedChannel } from './channel.ts'
import { cpaceConfirmation, cpaceGenerator, cpacePoint, cpaceSessionKey } from './cpace.ts'
import { cpaceChannel, nextEpochKey, pinPsk, qrPsk, transcriptHash } from './derivations.ts'
import { encodeGrant } from './grant.ts'
import { appData, runnerData } from './messages.ts'
import { type AgreementKey, noblePrimitives, type Primitives } from './primitives.ts'
import { RunnerHandshake } from './runner-handshake.ts'

const { expected } = fixture
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const run = (from: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, at) => (from + at) & 0xff)
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'ascii'))

const inputs = {
  runnerId: 'r-7f3a',
  code: 'ABC-123-XYZ',
  pin: '482913',
  pid: run(0xa0, 16),
  appNonce: run(0x10, 16),
  runnerNonce: run(0x30, 16),
  appScalar: run(0x51, 32),
  runnerScalar: run(0x91, 32),
  appEphemeral: run(0xc1, 32),
  runnerEphemeral: run(0xe1, 32),
  oneTimeSecret: run(0x70, 16),
  nowMs: 0x19a00000000,
  grant: {
    appId: run(0x20, 16),
    resumeKey: run(0x40, 32),
    permissions: { view: true, input: true, admin: false, approve: false, send: false },
    expiresAtMs: null,
    revocationRev: 1,
  },
}
const PIN_AS_U32 = Uint8Array.of(0x00, 0x07, 0x5e, 0x61) // 482913

/** Hands out what a script says, in order. */
function scripted(...draws: Uint8Array[]): (byteCount: number) => Uint8Array {
  const rest = draws.map((draw) => draw.slice())
  return (byteCount) => {
    const next = rest.shift()
    if (next?.length !== byteCount) throw new Error(`not in the script: ${byteCount} bytes`)
    return next
  }
}

async function conversation(primitives: Primitives = noblePrimitives) {
  const appKey = await primitives.agreementKey(run(0x01, 32))
  const runnerKey = await primitives.agreementKey(run(0x41, 32))
  const runnerSign = await primitives.signingKey(run(0x81, 32))
  const app = new AppHandshake({
    primitives,
    entropy: scripted(inputs.appNonce, inputs.appScalar, inputs.appEphemeral),
    runnerId: inputs.runnerId,
    pid: inputs.pid,
    key: appKey,
    capabilities: 7,
    way: { method: 'pin', code: inputs.code, label: 'Pixel 8' },
  })
  const runner = new RunnerHandshake({
    primitives,
    entropy: scripted(PIN_AS_U32, inputs.runnerNonce, inputs.runnerScalar, inputs.runnerEphemeral),
    pid: inputs.pid,
    code: inputs.code,
    runner: { runnerId: inputs.runnerId, reach: runnerKey, sign: runnerSign.publicKey, label: 'build-host' },
    pinDigits: 6,
    pinTtlS: 120,
    policy: {
      admit: () => null,
      oneTimeSecret: () => null,
      shareSecret: () => null,
      fleetSecret: () => null,
      knownApp: () => null,
      isRevoked: () => false,
    },
  })
  const { nowMs } = inputs
  const hello = (await app.begin(nowMs)).send[0]!
  const asked = await runner.hear(hello, nowMs)
  const challenge = asked.send[0]!
  await app.hear(challenge, nowMs)
  const cpaceA = (await app.enterPin(asked.status === 'pin-asked' ? asked.pin : '')).send[0]!
  const cpaceB = (await runner.hear(cpaceA, nowMs)).send[0]!
  const noise1 = (await app.hear(cpaceB, nowMs)).send[0]!
  const proved = await runner.hear(noise1, nowMs)
  const runnerOpen = await runner.grant(inputs.grant)
  const noise2 = runnerOpen.send[0]!
  const appOpen = await app.hear(noise2, nowMs)
  if (runnerOpen.status !== 'open' || appOpen.status !== 'open') throw new Error('the channel did not open')
  return {
    appKey,
    runnerKey,
    runnerSign,
    asked,
    hello,
    challenge,
    cpaceA,
    cpaceB,
    noise1,
    noise2,
    proved,
    runnerOpen,
    appOpen,
  }
}

/** What CPace makes of the inputs, step by step. */
async function exchange() {
  const { appKey, runnerKey, runnerSign } = await conversation()
  const session = concatenated(inputs.appNonce, inputs.runnerNonce)
  const channel = cpaceChannel(inputs)
  const point = cpacePoint(
    Uint8Array.from(inputs.appScalar, (byte, at) => (at === 31 ? byte & 0x0f : byte)),
    unhex(expected.Yb),
  )!
  const app = { share: unhex(expected.Ya), data: appData(appKey.publicKey, 'Pixel 8') }
  const runner = {
    share: unhex(expected.Yb),
    data: runnerData(runnerKey.publicKey, runnerSign.publicKey, 'build-host'),
  }
  return { session, channel, app, runner, sessionKey: cpaceSessionKey(session, point, app, runner) }
}

describe('the known-answer values of rp1 3.9', () => {
  it('hold for the public keys', async () => {
    const { appKey, runnerKey, runnerSign } = await conversation()
    expect(hex(appKey.publicKey)).toBe(expected.app_pub)
    expect(hex(runnerKey.publicKey)).toBe(expected.run_pub)
    expect(hex(runnerSign.publicKey)).toBe(expected.run_ed25519_pub)
  })

  it('hold for generator, session key, tags, transcript and PSK of the PIN', async () => {
    const { session, channel, app, runner, sessionKey } = await exchange()
    const { hello, challenge } = await conversation()
    expect(hex(cpaceGenerator({ secret: ascii(inputs.pin), channel, session }))).toBe(expected.g)
    expect(hex(sessionKey)).toBe(expected.ISK)
    expect(hex(cpaceConfirmation(session, sessionKey, app))).toBe(expected.Ta)
    expect(hex(cpaceConfirmation(session, sessionKey, runner))).toBe(expected.Tb)
    expect(hex(pinPsk(sessionKey, session))).toBe(expected.psk_pin)
    const th = transcriptHash({
      hello,
      challenge,
      appShare: app.share,
      appData: app.data,
      runnerShare: runner.share,
      runnerData: runner.data,
      runnerTag: unhex(expected.Tb),
    })
    expect(hex(th)).toBe(expected.th)
  })

  it('hold for every message that the two ends send', async () => {
    const said = await conversation()
    expect(said.asked).toMatchObject({ status: 'pin-asked', pin: '482913', label: 'Pixel 8' })
    expect(hex(said.hello)).toBe(expected.hello)
    expect(hex(said.challenge)).toBe(expected.challenge)
    expect(hex(said.cpaceA.subarray(20, 52))).toBe(expected.Ya)
    expect(hex(said.cpaceB.subarray(20, 52))).toBe(expected.Yb)
    expect(hex(said.cpaceB.subarray(-64))).toBe(expected.Tb)
    expect(hex(said.noise1.subarray(20, 84))).toBe(expected.Ta)
    expect(hex(said.noise1.subarray(84))).toBe(expected.noise1)
    expect(hex(said.noise2.subarray(20))).toBe(expected.noise2)
    expect(hex(encodeGrant(inputs.grant))).toBe(
      `${hex(run(0x20, 16))}${hex(run(0x40, 32))}03000000000000000000000001`,
    )
  })

  it('hold for the keys, the channel, its first frame and its next epoch, at both ends', async () => {
    for (const { secrets } of [(await conversation()).runnerOpen, (await conversation()).appOpen]) {
      expect(hex(secrets.fromApp)).toBe(expected.k_app_to_run)
      expect(hex(secrets.fromRunner)).toBe(expected.k_run_to_app)
      expect(hex(secrets.channel)).toBe(expected.chan)
      expect(hex(nextEpochKey(secrets.fromRunner, 1, 1, secrets.channel))).toBe(expected.k_run_to_app_epoch1)
      const channel = new SealedChannel({
        aead: noblePrimitives.aead,
        role: 'runner',
        secrets,
        clock: () => 0,
        pad: false,
      })
      const plaintext = concatenated(Uint8Array.of(1), new Uint8Array(8), ascii('$ ls\r\n'))
      expect(hex(channel.seal(plaintext))).toBe(expected.frame0_run_to_app)
    }
  })

  it('hold for the PSK of a QR code', () => {
    const meeting = { runnerId: inputs.runnerId, code: inputs.code, reach: unhex(expected.run_pub) }
    expect(hex(qrPsk(inputs.oneTimeSecret, meeting))).toBe(expected.psk_qr)
  })

  it('tell both ends the same of each other', async () => {
    const { proved, appOpen, appKey } = await conversation()
    expect(proved).toMatchObject({
      status: 'proved',
      app: { method: 'pin', appKey: appKey.publicKey, label: 'Pixel 8', greetedAtMs: inputs.nowMs },
    })
    expect(appOpen.grant).toEqual(inputs.grant)
    expect(hex(appOpen.runner.reach)).toBe(expected.run_pub)
    expect(appOpen.runner.sign && hex(appOpen.runner.sign)).toBe(expected.run_ed25519_pub)
  })
})

/** A type test: a key is something to ask, never something to read. */
const publicOnly: (keyof AgreementKey)[] = ['publicKey', 'agree', 'forget']
void publicOnly
