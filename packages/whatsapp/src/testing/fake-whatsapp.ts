import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type BinaryNode, type proto, WA_CERT_DETAILS } from 'baileys'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Authority, makeAuthority } from './authority.ts'
import { type Device, FakeClient } from './fake-client.ts'
import { FakePhone } from './fake-phone.ts'
import { type HandshakeResult, NoiseServer } from './noise-server.ts'
import type { FakeBehaviour, PendingCode } from './phone-server.ts'
import { bytesOf, child, nowSeconds, SERVER } from './stanza.ts'

/** What WhatsApp accepts as the name of a browser since 2026, by report. */
const DISPLAY =
  /^(Chrome|Edge|Firefox|IE|Opera|Safari) \((Windows|Mac OS|Linux|Ubuntu|Debian|Fedora|Android)\)$/
const CODE_LIFE_MS = 180_000
const PRE_KEYS_ON_SERVER = '100'

/**
 * A WhatsApp-shaped server for tests: loopback only, one process, nothing kept. It drives the real client: its Noise and pairing
 * cryptography is Node's own, so that a mistake in the client's is not mirrored.
 */
export class FakeWhatsApp {
  readonly clients: FakeClient[] = []
  readonly devices = new Map<string, Device>()
  readonly codes: PendingCode[] = []
  /** what the clients did that no client may do */
  readonly faults: unknown[] = []
  readonly behaviour: FakeBehaviour
  readonly #wss: WebSocketServer
  readonly #authority: Authority
  readonly #phones = new Map<string, FakePhone>()

  private constructor(wss: WebSocketServer, authority: Authority, behaviour: FakeBehaviour) {
    this.#wss = wss
    this.#authority = authority
    this.behaviour = behaviour
  }

  /** Starts one that this process trusts as it would WhatsApp itself. */
  static async start(behaviour: Partial<FakeBehaviour> = {}, port = 0): Promise<FakeWhatsApp> {
    const wss = new WebSocketServer({ host: '127.0.0.1', port })
    await once(wss, 'listening')
    const authority = makeAuthority()
    WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(authority.rootPublicKey)
    const server = new FakeWhatsApp(wss, authority, {
      refs: 6,
      onCodeRequest: () => 'accept',
      refuse: () => null,
      accountOf: (phoneNumber) => phoneNumber,
      codeLifeMs: CODE_LIFE_MS,
      firstQrAfterMs: 0,
      refreshOnFirstScan: false,
      refreshBeforePairSuccess: false,
      beforePairSuccess: async () => {},
      isMute: false,
      sendsBrokenRefs: false,
      ...behaviour,
    })
    wss.on('connection', (ws) => server.#accept(ws))
    return server
  }

  get port(): number {
    const address = this.#wss.address()
    if (address === null || typeof address === 'string') throw new Error('the fake server does not listen')
    return address.port
  }
  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws/chat`
  }
  /** hex, for a process that is to trust it (trust.ts) */
  get rootPublicKey(): string {
    return this.#authority.rootPublicKey.toString('hex')
  }

  phone(number: string): FakePhone {
    const digits = number.replace(/\D/g, '')
    const phone = this.#phones.get(digits) ?? new FakePhone(this, digits)
    this.#phones.set(digits, phone)
    return phone
  }

  live(): readonly FakeClient[] {
    return this.clients.filter((client) => client.isOpen)
  }

  /** Requests for a code that reached this server, accepted or not. */
  codeRequestCount(): number {
    return this.clients
      .flatMap((client) => client.received)
      .filter((node) => {
        const [first] = Array.isArray(node.content) ? node.content : []
        return first?.tag === 'link_code_companion_reg' && first.attrs['stage'] === 'companion_hello'
      }).length
  }

  async stop(): Promise<void> {
    for (const client of this.#wss.clients) client.terminate()
    await new Promise<void>((resolve) => this.#wss.close(() => resolve()))
  }

  #accept(ws: WebSocket): void {
    const noise = new NoiseServer(this.#authority.staticKey, this.#authority.chain, {
      write: (data) => ws.send(data),
      handshake: (result) => this.#hello(client, result),
      frame: (plain) => client.dispatch(plain),
    })
    const owner = {
      handle: (from: FakeClient, node: BinaryNode) => this.#handle(from, node),
      fault: (problem: unknown) => void this.faults.push(problem),
    }
    const client = new FakeClient(owner, ws, noise, this.clients.length)
    this.clients.push(client)
    ws.on('message', (data: Buffer) => {
      if (this.behaviour.isMute) return
      try {
        noise.receive(data)
      } catch (problem) {
        this.faults.push(problem)
        client.drop()
      }
    })
    ws.on('error', () => {})
  }

  #hello(client: FakeClient, { clientStatic, payload }: HandshakeResult): void {
    const refused = this.behaviour.refuse(payload)
    if (refused !== null)
      return typeof refused === 'number'
        ? fail(client, refused)
        : fail(client, refused.reason, refused.expire)
    const identity = payload.devicePairingData?.eIdent
    if (identity === null || identity === undefined) return this.#logIn(client, clientStatic, payload)
    const refs = Array.from({ length: this.behaviour.refs }, () => `2@${randomBytes(24).toString('base64')}`)
    client.registration = { identityKey: Buffer.from(identity), noiseKey: clientStatic, refs }
    setTimeout(() => {
      if (client.isOpen) client.send(pairDevice(refs, this.behaviour.sendsBrokenRefs))
    }, this.behaviour.firstQrAfterMs)
  }

  #logIn(client: FakeClient, clientStatic: Buffer, payload: proto.IClientPayload): void {
    const jid = `${String(payload.username)}:${payload.device ?? 0}${SERVER}`
    const device = this.devices.get(jid)
    if (!device?.noiseKey.equals(clientStatic)) return fail(client, 401)
    for (const other of this.live())
      if (other !== client && other.device?.jid === jid)
        other.streamError(null, { tag: 'conflict', attrs: { type: 'replaced' } })
    client.device = device
    client.send({ tag: 'success', attrs: { t: nowSeconds(), lid: device.lid, location: 'test' } })
    // The next connection of this client begins with an "ED" routing block.
    const routing: BinaryNode = { tag: 'routing_info', attrs: {}, content: Buffer.from('0801', 'hex') }
    client.send({
      tag: 'ib',
      attrs: { from: SERVER },
      content: [{ tag: 'edge_routing', attrs: {}, content: [routing] }],
    })
    client.send({ tag: 'ib', attrs: { from: SERVER }, content: [{ tag: 'offline', attrs: { count: '0' } }] })
  }

  #handle(client: FakeClient, node: BinaryNode): void {
    if (node.tag !== 'iq' || (node.attrs['type'] !== 'get' && node.attrs['type'] !== 'set')) return
    const answer = answering(client, node)
    const first = Array.isArray(node.content) ? node.content[0] : undefined
    switch (`${node.attrs['xmlns']} ${first?.tag ?? ''}`) {
      case 'encrypt count':
        return answer.result([{ tag: 'count', attrs: { value: PRE_KEYS_ON_SERVER } }])
      case 'encrypt digest':
        return answer.result([{ tag: 'digest', attrs: {} }])
      case 'abt props':
        return answer.result([{ tag: 'props', attrs: { hash: 'test' }, content: [] }])
      case 'blocklist ':
        return answer.result([{ tag: 'list', attrs: {}, content: [] }])
      case 'privacy privacy':
        return answer.result([{ tag: 'privacy', attrs: {}, content: [] }])
      case 'md remove-companion-device':
        answer.result()
        if (client.device) this.devices.delete(client.device.jid)
        return client.ws.close()
      case 'md link_code_companion_reg':
        return this.#code(client, first, answer)
      default:
        return answer.result()
    }
  }

  #code(client: FakeClient, reg: BinaryNode | undefined, answer: Answering): void {
    const phoneNumber = (reg?.attrs['jid'] ?? '').split('@')[0] ?? ''
    if (reg?.attrs['stage'] === 'companion_finish') {
      answer.result()
      const ref = bytesOf(child(reg, 'link_code_pairing_ref')).toString()
      const code = this.codes.find((each) => each.ref === ref)
      if (code === undefined) throw new Error(`companion_finish for an unknown reference ${ref}`)
      const bundle = bytesOf(child(reg, 'link_code_pairing_wrapped_key_bundle'))
      return this.phone(code.phoneNumber).finish(
        code,
        bundle,
        bytesOf(child(reg, 'companion_identity_public')),
      )
    }
    if (!DISPLAY.test(bytesOf(child(reg, 'companion_platform_display')).toString()))
      return answer.error(400, 'bad-request')
    const verdict = this.behaviour.onCodeRequest(phoneNumber)
    if (verdict === 'silent') return
    if (verdict === 'drop') return client.drop()
    if (verdict !== 'accept') return answer.error(verdict.error, verdict.text)
    // A new request of a connection replaces its earlier one: typing the old code must not work.
    for (const old of this.codes.filter((each) => each.client === client))
      this.codes.splice(this.codes.indexOf(old), 1)
    const ref = randomBytes(16).toString('hex')
    this.codes.push({
      ref,
      phoneNumber: this.behaviour.accountOf(phoneNumber),
      client,
      wrappedCompanionEphemeral: bytesOf(child(reg, 'link_code_pairing_wrapped_companion_ephemeral_pub')),
      expiresAtMs: Date.now() + this.behaviour.codeLifeMs,
    })
    const named: BinaryNode = { tag: 'link_code_pairing_ref', attrs: {}, content: Buffer.from(ref) }
    answer.result([{ tag: 'link_code_companion_reg', attrs: { stage: 'companion_hello' }, content: [named] }])
  }
}

interface Answering {
  result(content?: BinaryNode[]): void
  error(code: number, text: string): void
}

function answering(client: FakeClient, { attrs }: BinaryNode): Answering {
  const id = attrs['id'] ?? ''
  return {
    result: (content) =>
      client.send({
        tag: 'iq',
        attrs: { from: SERVER, type: 'result', id },
        ...(content ? { content } : {}),
      }),
    error: (code, text) =>
      client.send({
        tag: 'iq',
        attrs: { from: SERVER, type: 'error', id },
        content: [{ tag: 'error', attrs: { code: String(code), text } }],
      }),
  }
}

function fail(client: FakeClient, reason: number, expire: number | null = null): void {
  const ban = expire === null ? {} : { code: '101', expire: String(expire) }
  client.send({ tag: 'failure', attrs: { reason: String(reason), location: 'test', ...ban } })
  client.ws.close()
}

const pairDevice = (refs: readonly string[], isBroken: boolean): BinaryNode => ({
  tag: 'iq',
  attrs: { from: SERVER, type: 'set', id: '1', xmlns: 'md' },
  content: [
    {
      tag: 'pair-device',
      attrs: {},
      content: refs.map((ref) => ({
        tag: 'ref',
        attrs: {},
        ...(isBroken ? {} : { content: Buffer.from(ref) }),
      })),
    },
  ],
})
