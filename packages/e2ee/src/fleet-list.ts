import {
  FLEET_DEVICES_MAX,
  FLEET_MACHINES_MAX,
  type FleetCertificate,
  type FleetDevice,
  type FleetList,
  type FleetRights,
} from '@latchkey/domain/fleet/fleet'
import {
  ByteReader,
  ByteWriter,
  base64url,
  concatenated,
  decoded,
  fromBase64url,
  lv,
  MalformedBytes,
  textOf,
  utf8,
} from '@latchkey/protocol/bytes'
import { sha256 } from '@noble/hashes/sha2.js'
import { cleanLabel } from './label.ts'
import { KEY_BYTES, type Primitives, type SigningKey } from './primitives.ts'

/** The signed bytes of a fleet: the owner's list, and in it a certificate for each device. */

const SIGNATURE_BYTES = 64
const Right = { type: 1, approve: 2, send: 4 } as const
const ID_BYTES_MAX = 64

/** Signs a list: `body ‖ a certificate's signature for each device ‖ signature of both`. */
export async function signFleetList(list: FleetList, owner: SigningKey): Promise<Uint8Array> {
  const body = bodyOf(list)
  const certificates: Uint8Array[] = []
  for (const device of list.devices)
    certificates.push(await owner.sign(certifiedMessage(certificateBody({ ...device, ...factsOf(list) }))))
  const signed = concatenated(body, ...certificates)
  return concatenated(signed, await owner.sign(lv('rp1 fleet', signed)))
}

export interface OpenedFleetList {
  readonly list: FleetList
  /** by a device's key: what it shows to a machine */
  readonly certificates: ReadonlyMap<string, Uint8Array>
}

/** The list in `bytes`, if it is signed by the owner that it names. Whose key that is, the caller judges. */
export async function openFleetList(
  bytes: Uint8Array,
  { verify }: Pick<Primitives, 'verify'>,
): Promise<OpenedFleetList | null> {
  if (bytes.length < SIGNATURE_BYTES) return null
  const signed = Uint8Array.from(bytes.subarray(0, -SIGNATURE_BYTES))
  const read = decoded(() => readBody(new ByteReader(signed)))
  if (read === null) return null
  const owner = fromBase64url(read.list.owner)
  if (owner === null || !(await verify(owner, lv('rp1 fleet', signed), bytes.subarray(-SIGNATURE_BYTES))))
    return null
  const { list, signatures } = read
  const certificates = list.devices.map(
    (device, at) =>
      [
        device.key,
        concatenated(certificateBody({ ...device, ...factsOf(list) }), signatures[at] ?? signed),
      ] as const,
  )
  return { list, certificates: new Map(certificates) }
}

/** The certificate in `bytes`, if the owner that it names has signed it for this device's key. */
export async function openCertificate(
  bytes: Uint8Array,
  deviceKey: Uint8Array,
  { verify }: Pick<Primitives, 'verify'>,
): Promise<FleetCertificate | null> {
  if (bytes.length < SIGNATURE_BYTES) return null
  const body = Uint8Array.from(bytes.subarray(0, -SIGNATURE_BYTES))
  const read = decoded(() => readCertificate(new ByteReader(body)))
  if (read === null || read.key !== base64url(deviceKey)) return null
  const owner = fromBase64url(read.owner)
  const signature = bytes.subarray(-SIGNATURE_BYTES)
  return owner !== null && (await verify(owner, certifiedMessage(body), signature)) ? read : null
}

/**
 * 16 bytes that all of a fleet know and the broker does not: they find a machine and open a handshake, which the certificate then
 * decides.
 */
export const fleetSecret = (owner: Uint8Array): Uint8Array =>
  sha256(lv('rp1 fleet secret', owner)).slice(0, 16)

/** Sixteen digits of a device's key, to be compared by a person on two screens. */
export function deviceNumber(key: Uint8Array): string {
  const digest = sha256(lv('rp1 fleet device number', key))
  const digits = Array.from({ length: 16 }, (_, at) => String((digest[at] ?? 0) % 10)).join('')
  return digits.replace(/(.{4})(?=.)/g, '$1 ')
}

const certifiedMessage = (body: Uint8Array): Uint8Array => lv('rp1 fleet device', body)

const factsOf = ({ owner, number, issuedAtMs, goodUntilMs }: FleetList) => ({
  ...{ owner, number, issuedAtMs, goodUntilMs },
})

const headOf = ({
  owner,
  number,
  issuedAtMs,
  goodUntilMs,
}: Pick<FleetCertificate, 'owner' | 'number' | 'issuedAtMs' | 'goodUntilMs'>) =>
  new ByteWriter(KEY_BYTES + 20).put(keyOf(owner)).u32(number).u53(issuedAtMs).u53(goodUntilMs).bytes

const certificateBody = (shown: FleetCertificate): Uint8Array =>
  concatenated(headOf(shown), deviceBytes(shown))

const deviceBytes = ({ key, rights, label }: FleetDevice): Uint8Array =>
  concatenated(keyOf(key), Uint8Array.of(bitsOf(rights)), sized(cleanLabel(label)))

function bodyOf(list: FleetList): Uint8Array {
  return concatenated(
    headOf(list),
    Uint8Array.of(list.devices.length),
    ...list.devices.map(deviceBytes),
    Uint8Array.of(list.machines.length),
    ...list.machines.map(({ runnerId, reach, label }) =>
      concatenated(keyOf(reach), sized(runnerId), sized(cleanLabel(label))),
    ),
  )
}

function readBody(reader: ByteReader) {
  const head = readHead(reader)
  const devices = readList(reader, FLEET_DEVICES_MAX, () => readDevice(reader))
  const machines = readList(reader, FLEET_MACHINES_MAX, () => {
    const reach = base64url(reader.bytes(KEY_BYTES))
    return { reach, runnerId: readSized(reader), label: readSized(reader) }
  })
  const signatures = devices.map(() => Uint8Array.from(reader.bytes(SIGNATURE_BYTES)))
  if (reader.left !== 0) throw new MalformedBytes('bytes behind a fleet list')
  return { list: { ...head, devices, machines }, signatures }
}

function readCertificate(reader: ByteReader): FleetCertificate {
  const shown = { ...readHead(reader), ...readDevice(reader) }
  if (reader.left !== 0) throw new MalformedBytes('bytes behind a certificate')
  return shown
}

const readHead = (reader: ByteReader) => ({
  owner: base64url(reader.bytes(KEY_BYTES)),
  number: reader.u32(),
  issuedAtMs: reader.u53(),
  goodUntilMs: reader.u53(),
})

function readDevice(reader: ByteReader): FleetDevice {
  const key = base64url(reader.bytes(KEY_BYTES))
  const bits = reader.u8()
  const has = (bit: number) => (bits & bit) !== 0
  const rights = { type: has(Right.type), approve: has(Right.approve), send: has(Right.send) }
  return { key, rights, label: readSized(reader) }
}

function readList<Item>(reader: ByteReader, max: number, read: () => Item): Item[] {
  const count = reader.u8()
  if (count > max) throw new MalformedBytes(`a fleet of ${count}`)
  return Array.from({ length: count }, read)
}

const sized = (text: string): Uint8Array => {
  const bytes = utf8(text).subarray(0, ID_BYTES_MAX)
  return concatenated(Uint8Array.of(bytes.length), bytes)
}

function readSized(reader: ByteReader): string {
  const byteCount = reader.u8()
  const text = byteCount > ID_BYTES_MAX ? null : textOf(reader.bytes(byteCount))
  if (text === null) throw new MalformedBytes('a name that is not UTF-8')
  return text
}

function keyOf(text: string): Uint8Array {
  const key = fromBase64url(text)
  if (key?.length !== KEY_BYTES) throw new Error('invariant: a key has 32 bytes')
  return key
}

const bitsOf = ({ type, approve, send }: FleetRights): number =>
  (type ? Right.type : 0) | (approve ? Right.approve : 0) | (send ? Right.send : 0)
