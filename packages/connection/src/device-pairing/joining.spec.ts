import { base64url } from '@latchkey/protocol/bytes'
import {
  type DeviceProblemCode,
  deviceFingerprint,
  deviceProblems,
  secretHash,
} from '@latchkey/protocol/device-pairing'
import { expect, test } from 'vitest'
import { Joining, type JoinState } from './joining.ts'
import { makeJoiningSecrets } from './joining-secrets.ts'

const KEY = new Uint8Array(32).fill(7)
const NODE = deviceFingerprint(KEY)
const OTHER = deviceFingerprint(new Uint8Array(32).fill(8))

const SECRETS = makeJoiningSecrets((count) => new Uint8Array(count).fill(9))

const json = (body: object, status = 200) => new Response(JSON.stringify(body), { status })
const refused = (code: DeviceProblemCode) =>
  json({ type: 'about:blank', title: 'No', status: deviceProblems[code], code }, deviceProblems[code])
const pin = (digits: string) =>
  json({ pin: digits, nodeId: NODE, name: 'Pixel 8', host: 'house', expiresAt: 300_000, serverTime: 60_000 })

/** A broker whose answers are at hand, a clock that is turned by hand. */
function scripted(answers: (() => Response | Promise<Response>)[]) {
  const asked: { readonly path: string; readonly body: Record<string, unknown> }[] = []
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>()
  let nowMs = 1_000
  const joining = new Joining({
    brokerUrl: 'http://house.example:6969',
    token: 't'.repeat(43),
    name: 'Pixel 8',
    key: {
      publicKey: KEY,
      sign: async (message) => Uint8Array.from([...message.subarray(0, 32), ...new Uint8Array(32)]),
    },
    secrets: SECRETS,
    platform: {
      nowMs: () => nowMs,
      randomBytes: (count) => new Uint8Array(count).fill(255),
      after: (delayMs, run) => {
        const timer = { atMs: nowMs + delayMs, run }
        timers.add(timer)
        return () => void timers.delete(timer)
      },
    },
    fetch: async (url, { body, signal }) => {
      asked.push({ path: url.href, body: JSON.parse(body) })
      const next = answers.shift()
      const aborted = new Promise<never>((_, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')))
      })
      const answer = await (next === undefined ? aborted : Promise.race([next(), aborted]))
      // As a real answer's: its body ends with the request.
      const through = { signal: signal ?? AbortSignal.abort() }
      return answer.body === null || answer.status !== 200
        ? answer
        : new Response(answer.body.pipeThrough(new TransformStream(), through))
    },
  })
  const passes = async (ms: number) => {
    nowMs += ms
    for (const timer of [...timers]) {
      if (timer.atMs > nowMs || !timers.delete(timer)) continue
      timer.run()
    }
    await settled()
  }
  return { joining, asked, passes, now: (): JoinState => joining.state.current }
}

/** All that can go on without another event has gone on. */
const settled = async () => {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
}

/** A stream of events that the test writes. */
function stream() {
  let write: (event: object) => void = () => {}
  let end: () => void = () => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      write = (event) => controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`))
      end = () => controller.close()
    },
  })
  return { answer: () => new Response(body), write: (event: object) => write(event), end: () => end() }
}

const registered = (id: string) => ({
  status: 'registered',
  node: { id, name: 'Pixel 8' },
  serverTime: 61_000,
})

test('a device is told its PIN, then that it is in', async () => {
  const following = stream()
  const { asked, now } = scripted([() => pin('048291'), following.answer])
  expect(now()).toEqual({ status: 'asking', unreachable: false })
  await settled()
  expect(now()).toEqual({
    status: 'pin',
    pin: '048291',
    nodeId: NODE,
    name: 'Pixel 8',
    host: 'house',
    endsAtMs: 241_000,
    following: true,
  })
  following.write({ status: 'connected', expiresAt: 300_000, serverTime: 60_000 })
  following.write(registered(NODE))
  await settled()
  expect(now()).toEqual({ status: 'joined', nodeId: NODE, name: 'Pixel 8', host: 'house' })
  expect(asked.map(({ path }) => path)).toEqual([
    'http://house.example:6969/pairing/connect',
    'http://house.example:6969/pairing/follow',
  ])
  expect(JSON.stringify(asked), 'its secrets stay with it').not.toMatch(/mpt_|mst_/)
  expect(asked[0]?.body).toMatchObject({
    publicKey: base64url(KEY),
    name: 'Pixel 8',
    peerHash: secretHash(SECRETS.peerToken),
  })
})

test.each([
  ['TOKEN_UNKNOWN', 'unknown'],
  ['TOKEN_EXPIRED', 'expired'],
  ['TOKEN_USED', 'used'],
  ['PAIRING_CANCELLED', 'cancelled'],
  ['TOO_MANY_ATTEMPTS', 'too-many-pins'],
  ['DEVICE_LIMIT', 'device-limit'],
  ['IP_CONFLICT', 'address-conflict'],
  ['RATE_LIMITED', 'too-many-tries'],
  ['WRONG_PROOF', 'failed'],
] as const)('%s is told as what it is', async (code, why) => {
  const { now, passes, asked } = scripted([() => refused(code)])
  await settled()
  expect(now()).toMatchObject({ status: 'refused', why })
  await passes(600_000)
  expect(asked, 'nobody asks again by himself').toHaveLength(1)
})

test('a broker out of reach is asked again until it answers', async () => {
  const { now, passes } = scripted([
    () => Promise.reject(new Error('no network')),
    () => json({ type: 'about:blank', title: 'No', status: 503, code: 'NOT_READY' }, 503),
    () => pin('048291'),
  ])
  await settled()
  expect(now()).toEqual({ status: 'asking', unreachable: true })
  await passes(10_000)
  expect(now()).toEqual({ status: 'asking', unreachable: true })
  await passes(10_000)
  expect(now()).toMatchObject({ status: 'pin', pin: '048291' })
})

test('a stream that breaks keeps the PIN on the screen, and what was missed is learnt', async () => {
  const [first, second] = [stream(), stream()]
  const { now, passes } = scripted([
    () => pin('048291'),
    first.answer,
    () => refused('ALREADY_REGISTERED'),
    second.answer,
  ])
  await settled()
  first.end()
  await settled()
  expect(now()).toMatchObject({ status: 'pin', pin: '048291', following: false })
  await passes(10_000)
  second.write(registered(NODE))
  await settled()
  expect(now()).toMatchObject({ status: 'joined', nodeId: NODE })
})

test('a token that let another device in is used up, not a way in', async () => {
  const following = stream()
  const { now } = scripted([() => refused('ALREADY_REGISTERED'), following.answer])
  await settled()
  following.write(registered(OTHER))
  await settled()
  expect(now()).toMatchObject({ status: 'refused', why: 'used' })
})

test('a stream that says nothing for long is not believed', async () => {
  const { now, passes } = scripted([() => pin('048291'), stream().answer, () => pin('048291')])
  await settled()
  await passes(46_000)
  expect(now()).toMatchObject({ status: 'pin', following: false })
  await passes(10_000)
  expect(now()).toMatchObject({ status: 'pin', following: true })
})

test.each([
  ['expired', 'expired'],
  ['cancelled', 'cancelled'],
  ['too-many-attempts', 'too-many-pins'],
] as const)('what ends at the console as %s is told', async (reason, why) => {
  const following = stream()
  const { now } = scripted([() => pin('048291'), following.answer])
  await settled()
  following.write({ status: 'failed', reason, serverTime: 1 })
  await settled()
  expect(now()).toMatchObject({ status: 'refused', why })
})

test('another name is said anew, under the same key', async () => {
  const { joining, asked, now } = scripted([() => pin('048291'), stream().answer, () => pin('048291')])
  await settled()
  joining.rename('Kitchen tablet')
  await settled()
  expect(asked[2]?.body).toMatchObject({ name: 'Kitchen tablet', publicKey: base64url(KEY) })
  expect(now()).toMatchObject({ status: 'pin' })
})

test('after closing nothing is asked any more', async () => {
  const { joining, asked, passes } = scripted([() => Promise.reject(new Error('no network'))])
  await settled()
  joining.close()
  await passes(600_000)
  expect(asked).toHaveLength(1)
})
