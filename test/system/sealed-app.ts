import { randomBytes } from 'node:crypto'
import type { AcceptChannel } from '@latchkey/connection/runner/terminal-plane'
import { AppHandshake } from '@latchkey/e2ee/app-handshake'
import type { AppStep, WayIn } from '@latchkey/e2ee/app-steps'
import { SealedChannel } from '@latchkey/e2ee/channel'
import { routeTicket } from '@latchkey/e2ee/derivations'
import { type Grant, KNOWS_RIGHTS } from '@latchkey/e2ee/grant'
import { parsePairingFragment } from '@latchkey/e2ee/pairing-url'
import type { AgreementKey } from '@latchkey/e2ee/primitives'
import { base64url } from '@latchkey/protocol/bytes'
import { received } from '@latchkey/protocol/call'
import { appCalls, terminalCalls } from '@latchkey/protocol/runner-pairing'
import { channelOpening } from '@latchkey/protocol/terminal/channel'
import type { FeatureName } from '@latchkey/protocol/terminal/feature-messages'
import { decodeFrame, encodeFrame, FrameType, NO_CHANNEL } from '@latchkey/protocol/terminal/frames'
import { WebSocket } from 'ws'
import {
  atCleanUp,
  connect,
  type TestBroker,
  type TestClient,
  until,
} from '../../apps/broker/src/testing/harness.ts'
import { primitives } from '../../apps/runner/src/sealing/primitives.ts'
import { type AppUnderTest, connectApp } from '../../apps/runner/src/testing/app-under-test.ts'

/** An app that knows nothing but its key: what it learns in one pairing serves it in the next. */
export interface Keys {
  readonly key: AgreementKey
  grant: Grant | null
  /** the machine's key, once it is known */
  reach: Uint8Array | null
}
export const newKeys = async (): Promise<Keys> => ({
  key: await primitives.agreementKey(randomBytes(32)),
  grant: null,
  reach: null,
})

/** A broker, wherever it runs. */
export type Broker = Pick<TestBroker, 'url' | 'connect'>
export const brokerAt = (url: string): Broker => ({ url, connect: (auth) => connect(url, auth) })

/** One raw channel through a real broker, before anything is sealed on it. */
export interface RawChannel {
  readonly client: TestClient
  readonly runnerId: string
  readonly pid: Uint8Array
  /** every byte that went over the socket, both ways */
  readonly captured: Buffer[]
  readonly unread: Uint8Array[]
  readonly closed: { reason: number | null }
  onPayload: ((payload: Uint8Array) => void) | null
  send(payload: Uint8Array): void
  cut(): void
}

export type PairBy =
  | { readonly pairingCode: string }
  | { readonly runnerId: string; readonly routeTicket: string }

/** @param before the app session to go on with; a new one by default */
export async function pair(broker: Broker, by: PairBy, before?: TestClient): Promise<RawChannel> {
  const client = before ?? (await broker.connect({ label: 'Pixel 8' }))
  const answer = await client.call('app:pair', by)
  const paired = received(appCalls['app:pair'].reply, answer)
  if (paired === null) throw new Error(`not paired: ${JSON.stringify(answer)}`)
  return openChannel(broker, client, paired.terminal.ticket, paired.runnerId)
}

/** Another channel of an app that is paired already. */
export async function again(broker: Broker, { client, runnerId }: RawChannel): Promise<RawChannel> {
  const told = received(terminalCalls['terminal:ticket'].reply, await client.call('terminal:ticket', {}))
  if (told === null) throw new Error('no ticket')
  return openChannel(broker, client, told.terminal.ticket, runnerId)
}

async function openChannel(
  broker: Broker,
  client: TestClient,
  ticket: string,
  runnerId: string,
): Promise<RawChannel> {
  const socket = new WebSocket(`${broker.url.replace('http', 'ws')}/terminal`, { perMessageDeflate: false })
  atCleanUp(() => socket.terminate())
  await new Promise((resolve) => socket.once('open', resolve))
  let opening: { channel: number; pid: string } | null = null
  const captured: Buffer[] = []
  const channel: RawChannel = {
    client,
    runnerId,
    captured,
    unread: [],
    closed: { reason: null },
    onPayload: null,
    get pid() {
      return Uint8Array.from(Buffer.from(opening?.pid ?? '', 'hex'))
    },
    send: (payload) => {
      const frame = Buffer.from(encodeFrame(FrameType.data, opening?.channel ?? 0, payload))
      captured.push(frame)
      socket.send(frame)
    },
    cut: () => socket.terminate(),
  }
  socket.on('message', (data: Buffer) => {
    captured.push(Buffer.from(data))
    const frame = decodeFrame(data)
    if (frame?.type === FrameType.opened)
      opening = received(channelOpening, JSON.parse(Buffer.from(frame.payload).toString()))
    if (frame?.type === FrameType.close) channel.closed.reason = frame.payload[0] ?? 0
    if (frame?.type !== FrameType.data) return
    if (channel.onPayload === null) channel.unread.push(Uint8Array.from(frame.payload))
    else channel.onPayload(frame.payload)
  })
  socket.send(encodeFrame(FrameType.data, NO_CHANNEL, Buffer.from(ticket)))
  await until('the channel to open', () => opening !== null)
  return channel
}

export interface SealedApp {
  readonly step: AppStep
  /** null unless the attempt opened a channel */
  readonly app: AppUnderTest | null
  /** the handshake's messages that were sent, in order */
  readonly sent: Uint8Array[]
  readonly handshakeMs: number
}

/** One attempt to seal a channel. `pin` answers the question for the PIN; null leaves it unanswered. */
export async function seal(
  raw: RawChannel,
  keys: Keys,
  way: WayIn,
  pin: () => Promise<string | null> = () => Promise.resolve(null),
  features: readonly FeatureName[] = [],
): Promise<SealedApp> {
  const began = performance.now()
  let personMs = 0
  const attempt = new AppHandshake({
    primitives,
    entropy: (byteCount) => randomBytes(byteCount),
    runnerId: raw.runnerId,
    pid: raw.pid,
    key: keys.key,
    way,
    capabilities: KNOWS_RIGHTS,
  })
  const sent: Uint8Array[] = []
  const put = (messages: readonly Uint8Array[]) => {
    for (const message of messages) {
      sent.push(message)
      raw.send(message)
    }
  }
  let step = await attempt.begin(nowMs())
  put(step.send)
  while (step.status === 'waiting' || step.status === 'pin-wanted') {
    if (step.status === 'pin-wanted') {
      const asked = performance.now()
      const typed = await pin()
      personMs = performance.now() - asked
      if (typed === null) return { step, app: null, sent, handshakeMs: 0 }
      step = await attempt.enterPin(typed)
    } else {
      await until('an answer of the runner', () => raw.unread.length > 0)
      step = await attempt.hear(raw.unread.shift() ?? new Uint8Array(0), nowMs())
    }
    put(step.send)
  }
  const handshakeMs = performance.now() - began - personMs
  if (step.status !== 'open') return { step, app: null, sent, handshakeMs }
  keys.grant = step.grant
  keys.reach = step.runner.reach
  return { step, app: speak(raw, step.secrets, features), sent, handshakeMs }
}

function speak(
  raw: RawChannel,
  secrets: Extract<AppStep, { status: 'open' }>['secrets'],
  features: readonly FeatureName[],
): AppUnderTest {
  const sealed = new SealedChannel({
    aead: primitives.aead,
    role: 'app',
    secrets,
    clock: () => performance.now(),
    pad: true,
  })
  const accept: AcceptChannel = ({ send }) => {
    raw.onPayload = (payload) => {
      const plaintext = sealed.open(payload)
      if (plaintext !== null) send(plaintext)
    }
    return {
      onEnvelope: (payload) => raw.send(sealed.seal(payload)),
      onPaused: () => {},
      onEnd: () => raw.cut(),
    }
  }
  return connectApp(accept, { features })
}

export const resumeWay = ({ grant, reach }: Keys): WayIn => {
  if (grant === null || reach === null) throw new Error('this app was never let in')
  return { method: 'resume', reach, appId: grant.appId, resumeKey: grant.resumeKey }
}

export function linkWay(fragment: string): Extract<WayIn, { method: 'qr' }> {
  const link = parsePairingFragment(fragment)
  if (link?.seal === null || link === null) throw new Error(`no secret in ${fragment}`)
  return { method: 'qr', code: link.code, label: 'Pixel 8', ...link.seal }
}

export const ticketText = (secret: Uint8Array, runnerId: string): string =>
  base64url(routeTicket(secret, runnerId))

let lastMs = 0
/** Greetings must grow, also within one millisecond. */
const nowMs = (): number => {
  lastMs = Math.max(Date.now(), lastMs + 1)
  return lastMs
}
