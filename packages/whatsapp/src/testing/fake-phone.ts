import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  pbkdf2Sync,
  randomBytes,
  randomInt,
} from 'node:crypto'
import { type BinaryNode, Curve, proto } from 'baileys'
import { dh, type KeyPair, newKeyPair } from './curve.ts'
import type { Device, FakeClient } from './fake-client.ts'
import type { PendingCode, PhoneServer } from './phone-server.ts'
import { bytesOf, child, nowSeconds, SERVER } from './stanza.ts'

const ACCOUNT_SIGNATURE = Buffer.from([6, 0])
const DEVICE_SIGNATURE = Buffer.from([6, 1])
const EMPTY = Buffer.alloc(0)
const COULD_NOT_LINK = 'could not link device, try again'

const codeKey = (code: string, salt: Buffer): Buffer => pbkdf2Sync(code, salt, 2 << 16, 32, 'sha256')
const opened = (key: Buffer, iv: Buffer, data: Buffer): Buffer => {
  const cipher = createDecipheriv('aes-256-ctr', key, iv)
  return Buffer.concat([cipher.update(data), cipher.final()])
}
const sealed = (key: Buffer, iv: Buffer, data: Buffer): Buffer => {
  const cipher = createCipheriv('aes-256-ctr', key, iv)
  return Buffer.concat([cipher.update(data), cipher.final()])
}

/** A code that was typed and waits for the companion's half of the exchange. */
interface Typed {
  readonly ephemeral: KeyPair
  readonly companionEphemeral: Buffer
  readonly done: (device: Device) => void
  readonly failed: (problem: Error) => void
}

/** The primary device: the phone that scans a QR, types a code, or removes a linked device. */
export class FakePhone {
  readonly identity = newKeyPair()
  readonly number: string
  /** the account demands a passkey: WhatsApp asks the companion for it and links nothing */
  needsPasskey = false
  readonly #server: PhoneServer
  readonly #typed = new Map<string, Typed>()
  #nextDevice = 1

  constructor(server: PhoneServer, number: string) {
    this.#server = server
    this.number = number
  }

  get devices(): readonly Device[] {
    return [...this.#server.devices.values()].filter((device) => device.jid.startsWith(`${this.number}:`))
  }

  /** Scans what the page shows. Rejects when the phone would say that it could not link. */
  async scanQr(qr: string): Promise<Device> {
    const [ref = '', noise, identity, secret = ''] = qr.slice(qr.indexOf('#') + 1).split(',')
    const client = this.#server.live().find((each) => each.registration?.refs.includes(ref))
    const registration = client?.registration
    if (client === undefined || registration === null || registration === undefined)
      throw new Error('this QR code is not valid (any more)')
    if (registration.noiseKey.toString('base64') !== noise) throw new Error('the QR names another noise key')
    if (registration.identityKey.toString('base64') !== identity)
      throw new Error('the QR names another identity')
    if (this.needsPasskey) {
      const content = Buffer.from('{}')
      notify(client, 'passkey_prologue_request', { tag: 'passkey_prologue_request', attrs: {}, content })
      throw new Error('continue on WhatsApp Web (passkey)')
    }
    if (this.#server.behaviour.refreshOnFirstScan && !client.isRefreshed) {
      client.isRefreshed = true
      client.retiredSecret = secret
      notify(client, 'companion_reg_refresh', { tag: 'companion_reg_refresh', attrs: {} })
      throw new Error(COULD_NOT_LINK)
    }
    if (secret === client.retiredSecret) throw new Error(COULD_NOT_LINK)
    return this.#link(client, Buffer.from(secret, 'base64'))
  }

  /** WhatsApp asks the companion to show another code; the notification carries no keys, at which Baileys stumbles. */
  askForFreshCode({ client, ref }: PendingCode): void {
    notify(client, 'link_code_companion_reg', {
      tag: 'link_code_companion_reg',
      attrs: { stage: 'refresh_code' },
      content: [{ tag: 'link_code_pairing_ref', attrs: {}, content: Buffer.from(ref) }],
    })
  }

  /** Types the eight characters. Rejects when there is no such request, it is too old, or the code is another. */
  async enterCode(typed: string): Promise<Device> {
    const code = typed.replace(/[^0-9A-Za-z]/g, '').toUpperCase()
    const pending = this.#server.codes
      .filter((each) => each.phoneNumber === this.number && each.client.isOpen)
      .at(-1)
    if (pending === undefined) throw new Error('no device is waiting to be linked to this number')
    if (Date.now() > pending.expiresAtMs) throw new Error('the code has expired')
    const wrapped = pending.wrappedCompanionEphemeral
    const companionEphemeral = opened(
      codeKey(code, wrapped.subarray(0, 32)),
      wrapped.subarray(32, 48),
      wrapped.subarray(48, 80),
    )
    const ephemeral = newKeyPair()
    const salt = randomBytes(32)
    const iv = randomBytes(16)
    const bundle = Buffer.concat([salt, iv, sealed(codeKey(code, salt), iv, ephemeral.public)])
    const linked = new Promise<Device>((done, failed) =>
      this.#typed.set(pending.ref, { ephemeral, companionEphemeral, done, failed }),
    )
    notify(pending.client, 'link_code_companion_reg', {
      tag: 'link_code_companion_reg',
      attrs: { stage: 'primary_hello' },
      content: [
        { tag: 'link_code_pairing_wrapped_primary_ephemeral_pub', attrs: {}, content: bundle },
        { tag: 'primary_identity_pub', attrs: {}, content: this.identity.public },
        { tag: 'link_code_pairing_ref', attrs: {}, content: Buffer.from(pending.ref) },
      ],
    })
    return linked
  }

  /** The companion's answer to a typed code: both sides now derive the same secret, if it was the right one. */
  finish(pending: PendingCode, bundle: Buffer, companionIdentity: Buffer): void {
    const typed = this.#typed.get(pending.ref)
    if (typed === undefined) return
    this.#typed.delete(pending.ref)
    try {
      const secret = this.#secretFrom(typed, bundle, companionIdentity)
      this.#server.codes.splice(this.#server.codes.indexOf(pending), 1)
      if (this.#server.behaviour.refreshBeforePairSuccess)
        notify(pending.client, 'companion_reg_refresh', { tag: 'companion_reg_refresh', attrs: {} })
      this.#server.behaviour
        .beforePairSuccess()
        .then(() => this.#link(pending.client, secret))
        .then(typed.done, typed.failed)
    } catch (problem) {
      typed.failed(new Error('wrong code', { cause: problem }))
    }
  }

  /** Removes one linked device (Settings, Linked devices, Log out). */
  unlink(device: Device): void {
    this.#server.devices.delete(device.jid)
    for (const client of this.#server.live())
      if (client.device?.jid === device.jid)
        client.streamError('401', { tag: 'conflict', attrs: { type: 'device_removed' } })
  }

  #secretFrom({ ephemeral, companionEphemeral }: Typed, bundle: Buffer, companionIdentity: Buffer): Buffer {
    const shared = dh(ephemeral.private, companionEphemeral)
    const label = 'link_code_pairing_key_bundle_encryption_key'
    const key = Buffer.from(hkdfSync('sha256', shared, bundle.subarray(0, 32), label, 32))
    const cipher = createDecipheriv('aes-256-gcm', key, bundle.subarray(32, 44))
    cipher.setAuthTag(bundle.subarray(-16))
    const plain = Buffer.concat([cipher.update(bundle.subarray(44, -16)), cipher.final()])
    if (!plain.subarray(0, 32).equals(companionIdentity)) throw new Error('identity mismatch')
    const mixed = Buffer.concat([
      shared,
      dh(this.identity.private, companionIdentity),
      plain.subarray(64, 96),
    ])
    return Buffer.from(hkdfSync('sha256', mixed, EMPTY, 'adv_secret', 32))
  }

  async #link(client: FakeClient, secret: Buffer): Promise<Device> {
    const { registration } = client
    if (registration === null) throw new Error('this connection is registered already')
    const { identityKey, noiseKey } = registration
    const keyIndex = this.#nextDevice++
    const details = proto.ADVDeviceIdentity.encode({
      rawId: randomInt(1e9),
      timestamp: Number(nowSeconds()),
      keyIndex,
      accountType: 0,
      deviceType: 0,
    }).finish()
    const device: Device = {
      jid: `${this.number}:${keyIndex}${SERVER}`,
      lid: `${[...this.number].reverse().join('')}:${keyIndex}@lid`,
      noiseKey,
      identityKey,
    }
    const reply = await client.request(
      pairSuccess(device, this.#signedIdentity(details, identityKey, secret)),
    )
    const own = proto.ADVSignedDeviceIdentity.decode(
      bytesOf(child(child(reply, 'pair-device-sign'), 'device-identity')),
    )
    const message = Buffer.concat([DEVICE_SIGNATURE, details, identityKey, this.identity.public])
    if (!Curve.verify(identityKey, message, own.deviceSignature ?? EMPTY))
      throw new Error('the companion signed something else')
    this.#server.devices.set(device.jid, device)
    client.registration = null
    client.streamError('515')
    return device
  }

  #signedIdentity(details: Uint8Array, identityKey: Buffer, secret: Buffer): Uint8Array {
    const account = proto.ADVSignedDeviceIdentity.encode({
      details,
      accountSignatureKey: this.identity.public,
      accountSignature: Curve.sign(
        this.identity.private,
        Buffer.concat([ACCOUNT_SIGNATURE, details, identityKey]),
      ),
    }).finish()
    const hmac = createHmac('sha256', secret).update(account).digest()
    return proto.ADVSignedDeviceIdentityHMAC.encode({ details: account, hmac }).finish()
  }
}

const pairSuccess = (device: Device, identity: Uint8Array): BinaryNode => ({
  tag: 'iq',
  attrs: { from: SERVER, type: 'set', id: String(randomInt(1e9)), xmlns: 'md', t: nowSeconds() },
  content: [
    {
      tag: 'pair-success',
      attrs: {},
      content: [
        { tag: 'device-identity', attrs: {}, content: identity },
        { tag: 'platform', attrs: { name: 'android' } },
        { tag: 'device', attrs: { jid: device.jid, lid: device.lid } },
      ],
    },
  ],
})

function notify(client: FakeClient, type: string, content: BinaryNode): void {
  client.send({
    tag: 'notification',
    attrs: { from: SERVER, type, id: String(randomInt(1e9)), t: nowSeconds() },
    content: [content],
  })
}
