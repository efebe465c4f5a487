/**
 * The responder ("server") half of WhatsApp's Noise_XX_25519_AESGCM_SHA256, plus its framing:
 * the client's first bytes are the 4-byte header "WA" 6 <dict version> (optionally after an "ED"
 * routing block), then every frame in both directions is a 3-byte big-endian length and a body.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { proto } from 'baileys'
import { dh, type KeyPair, newKeyPair } from './curve.ts'

const PROTOCOL_NAME = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0')
const TAG = 16
const EMPTY = Buffer.alloc(0)

const sha256 = (...parts: Uint8Array[]) => parts.reduce((h, p) => h.update(p), createHash('sha256')).digest()

const nonce = (counter: number) => {
  const iv = Buffer.alloc(12)
  iv.writeUInt32BE(counter, 8)
  return iv
}

const seal = (key: Uint8Array, counter: number, aad: Uint8Array, plain: Uint8Array) => {
  const c = createCipheriv('aes-256-gcm', key, nonce(counter)).setAAD(aad)
  return Buffer.concat([c.update(plain), c.final(), c.getAuthTag()])
}

const open = (key: Uint8Array, counter: number, aad: Uint8Array, sealed: Uint8Array) => {
  const body = sealed.subarray(0, sealed.length - TAG)
  const d = createDecipheriv('aes-256-gcm', key, nonce(counter)).setAAD(aad)
  d.setAuthTag(sealed.subarray(sealed.length - TAG))
  return Buffer.concat([d.update(body), d.final()])
}

export interface HandshakeResult {
  readonly clientStatic: Buffer
  readonly payload: proto.IClientPayload
}

/** Who the handshake and the frames are for. */
export interface NoiseListener {
  write(data: Buffer): void
  handshake(result: HandshakeResult): void
  frame(plain: Buffer): void
}

/** One connection's responder: header, handshake, then frames both ways. */
export class NoiseServer {
  #hash: Buffer = PROTOCOL_NAME
  #chainKey: Buffer = PROTOCOL_NAME
  #key: Buffer = PROTOCOL_NAME
  #counter = 0
  readonly #ephemeral = newKeyPair()
  #sendKey?: Buffer
  #recvKey?: Buffer
  #sent = 0
  #received = 0
  #stage: 'header' | 'hello' | 'finish' | 'transport' = 'header'
  #inbox: Buffer = EMPTY

  readonly #staticKey: KeyPair
  readonly #certificate: Uint8Array
  readonly #on: NoiseListener

  constructor(staticKey: KeyPair, certificate: Uint8Array, on: NoiseListener) {
    this.#staticKey = staticKey
    this.#certificate = certificate
    this.#on = on
  }

  /** Feed bytes from the socket; frames may be split over, or packed into, WebSocket messages. */
  receive(data: Buffer) {
    this.#inbox = Buffer.concat([this.#inbox, data])
    for (;;) {
      if (this.#stage === 'header' && !this.#takeHeader()) return
      if (this.#inbox.length < 3) return
      const size = this.#inbox.readUIntBE(0, 3)
      if (this.#inbox.length < 3 + size) return
      const body = this.#inbox.subarray(3, 3 + size)
      this.#inbox = this.#inbox.subarray(3 + size)
      if (this.#stage === 'hello') this.#clientHello(body)
      else if (this.#stage === 'finish') this.#clientFinish(body)
      else this.#on.frame(this.#openFrame(body))
    }
  }

  send(plain: Uint8Array) {
    if (!this.#sendKey) throw new Error('the handshake is not finished')
    this.#write(seal(this.#sendKey, this.#sent++, EMPTY, plain))
  }

  #openFrame(body: Buffer): Buffer {
    if (!this.#recvKey) throw new Error('the handshake is not finished')
    return open(this.#recvKey, this.#received++, EMPTY, body)
  }

  #takeHeader(): boolean {
    let at = 0
    if (this.#inbox.subarray(0, 2).toString() === 'ED') {
      if (this.#inbox.length < 7) return false
      at = 7 + this.#inbox.readUIntBE(4, 3)
    }
    if (this.#inbox.length < at + 4) return false
    const header = this.#inbox.subarray(at, at + 4)
    if (header.subarray(0, 2).toString() !== 'WA')
      throw new Error(`not a WhatsApp header: ${header.toString('hex')}`)
    this.#inbox = this.#inbox.subarray(at + 4)
    this.#mixHash(header)
    this.#stage = 'hello'
    return true
  }

  #clientHello(body: Buffer) {
    const { clientHello } = proto.HandshakeMessage.decode(body)
    const clientEphemeral = clientHello?.ephemeral
    if (clientEphemeral?.length !== 32) throw new Error('clientHello without an ephemeral key')
    this.#mixHash(clientEphemeral)
    this.#mixHash(this.#ephemeral.public)
    this.#mixKey(dh(this.#ephemeral.private, clientEphemeral))
    const encStatic = this.#encrypt(this.#staticKey.public)
    this.#mixKey(dh(this.#staticKey.private, clientEphemeral))
    const encCert = this.#encrypt(this.#certificate)
    this.#stage = 'finish'
    this.#write(
      proto.HandshakeMessage.encode({
        serverHello: { ephemeral: this.#ephemeral.public, static: encStatic, payload: encCert },
      }).finish(),
    )
  }

  #clientFinish(body: Buffer) {
    const { clientFinish } = proto.HandshakeMessage.decode(body)
    if (!clientFinish?.static || !clientFinish.payload) throw new Error('clientFinish is incomplete')
    const clientStatic = this.#decrypt(clientFinish.static)
    this.#mixKey(dh(this.#ephemeral.private, clientStatic))
    const payload = proto.ClientPayload.decode(this.#decrypt(clientFinish.payload))
    const [fromClient, toClient] = this.#derive(EMPTY)
    this.#recvKey = fromClient
    this.#sendKey = toClient
    this.#stage = 'transport'
    this.#on.handshake({ clientStatic, payload })
  }

  #write(body: Uint8Array) {
    const frame = Buffer.alloc(3 + body.length)
    frame.writeUIntBE(body.length, 0, 3)
    frame.set(body, 3)
    this.#on.write(frame)
  }

  #mixHash(data: Uint8Array) {
    this.#hash = sha256(this.#hash, data)
  }

  #derive(input: Uint8Array): [Buffer, Buffer] {
    const out = Buffer.from(hkdfSync('sha256', input, this.#chainKey, EMPTY, 64))
    return [out.subarray(0, 32), out.subarray(32)]
  }

  #mixKey(input: Uint8Array) {
    ;[this.#chainKey, this.#key] = this.#derive(input)
    this.#counter = 0
  }

  #encrypt(plain: Uint8Array) {
    const sealed = seal(this.#key, this.#counter++, this.#hash, plain)
    this.#mixHash(sealed)
    return sealed
  }

  #decrypt(sealed: Uint8Array) {
    const plain = open(this.#key, this.#counter++, this.#hash, sealed)
    this.#mixHash(sealed)
    return plain
  }
}
