import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { base64url } from '@latchkey/protocol/bytes'
import {
  deviceFingerprint,
  type JoinEvent,
  joinEvent,
  joinMessage,
  PEER_TOKEN_PREFIX,
  SESSION_SECRET_PREFIX,
} from '@latchkey/protocol/device-pairing'
import { atCleanUp, type TestBroker, type Told, within } from './harness.ts'

/** What a test is told over HTTP. */
export interface Answer {
  readonly status: number
  readonly body: Told
  readonly headers: Headers
}

/** A device: its key, and the secrets it made. */
export function testDevice(name = 'Pixel 8') {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const key = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const secret = (prefix: string) => prefix + randomBytes(32).toString('base64url')
  const peerToken = secret(PEER_TOKEN_PREFIX)
  const sessionSecret = secret(SESSION_SECRET_PREFIX)
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  return {
    nodeId: deviceFingerprint(key),
    peerToken,
    sessionSecret,
    /** a signed request to join with that token */
    request(token: string, called = name) {
      const said = {
        token,
        publicKey: base64url(key),
        name: called,
        peerHash: hash(peerToken),
        sessionHash: hash(sessionSecret),
      }
      return { ...said, proof: base64url(sign(null, joinMessage(said), privateKey)) }
    },
    /** a signed request to join with that join key */
    keyed(joinKey: string) {
      const said = { publicKey: base64url(key), name, peerHash: hash(peerToken) }
      const message = joinMessage({ ...said, token: joinKey, sessionHash: '' })
      return { ...said, key: joinKey, proof: base64url(sign(null, message, privateKey)) }
    },
  }
}
export type TestDevice = ReturnType<typeof testDevice>

/** Sends a request, with `bearer` as its secret where one is given. */
export async function ask(
  broker: Pick<TestBroker, 'url'>,
  method: string,
  path: string,
  body?: unknown,
  bearer?: string,
): Promise<Answer> {
  const response = await fetch(`${broker.url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
}

/** The operator of a broker. */
export const operatorOf = (broker: Pick<TestBroker, 'url' | 'operator'>) => ({
  start: (body: Told = {}) => ask(broker, 'POST', '/pairing/start', body, broker.operator),
  verify: (token: unknown, pin: unknown, more: Told = {}) =>
    ask(broker, 'POST', '/pairing/verify', { token, pin, ...more }, broker.operator),
  cancel: (body: Told) => ask(broker, 'POST', '/pairing/cancel', body, broker.operator),
  consent: (userCode: unknown, approve: boolean, more: Told = {}) =>
    ask(broker, 'POST', '/pairing/consent', { user_code: userCode, approve, ...more }, broker.operator),
  nodes: () => ask(broker, 'GET', '/nodes', undefined, broker.operator),
  rename: (nodeId: string, name: unknown) =>
    ask(broker, 'PATCH', `/nodes/${nodeId}`, { name }, broker.operator),
  revoke: (nodeId: string) => ask(broker, 'DELETE', `/nodes/${nodeId}`, undefined, broker.operator),
})

export const connectDevice = (broker: Pick<TestBroker, 'url'>, device: TestDevice, token: unknown) =>
  ask(broker, 'POST', '/pairing/connect', device.request(String(token)))

/** Joins a device to the mesh, all the way. */
export async function joinDevice(broker: TestBroker, device: TestDevice): Promise<Answer> {
  const { start, verify } = operatorOf(broker)
  const { token } = (await start()).body
  const { body } = await connectDevice(broker, device, token)
  return verify(token, body['pin'])
}

/** Follows a pairing as its device's page does. */
export async function followPairing(broker: Pick<TestBroker, 'url'>, token: unknown) {
  const stop = new AbortController()
  atCleanUp(() => stop.abort())
  const response = await fetch(`${broker.url}/pairing/follow`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
    signal: stop.signal,
  })
  const heard: JoinEvent[] = []
  let text = ''
  const ended = (async () => {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events)
        if (event.startsWith('data: ')) heard.push(joinEvent.parse(JSON.parse(event.slice(6))))
    }
  })().catch(() => {})
  return { response, heard, ended: () => within('the stream to end', ended), stop: () => stop.abort() }
}
