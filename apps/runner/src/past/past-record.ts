import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { Size } from '@latchkey/protocol/terminal/streams'
import { FieldReader, FieldWriter } from '../keeper/fields.ts'

/** The content of one terminal's file, written while it lives and read after its machine or its keeper ended. */
export interface PastRecord {
  readonly terminal: number
  readonly name: string
  /** epoch milliseconds */
  readonly startedAtMs: number
  /** when this was written, epoch milliseconds: an app that came later must not read it */
  readonly writtenAtMs: number
  /** where its shell was; absolute */
  readonly folder: string
  /** the offset at which its output ended */
  readonly end: number
  /** what its runner remembered about it: the apps that came later */
  readonly note: Uint8Array
  readonly picture: Size & { readonly bytes: Uint8Array }
}

const MAGIC = Buffer.from('latchkey past 1\n')
const LABEL = 'latchkey past terminals v1 '
const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * A key for one file, from the runner's X25519 secret by HKDF-SHA-256. The file's name is part of the label: a file that was
 * renamed to another terminal's does not open.
 */
const keyOf = (secret: Uint8Array, name: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `${LABEL}${name}`, 32))

/** @param name the file's name */
export function sealRecord(record: PastRecord, secret: Uint8Array, name: string): Uint8Array {
  const { picture } = record
  const fields = new FieldWriter().u16(record.terminal).text(record.name).u53(record.startedAtMs)
  fields.u53(record.writtenAtMs).text(record.folder).u53(record.end).bytes(record.note)
  fields.u16(picture.cols).u16(picture.rows).bytes(picture.bytes)
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, keyOf(secret, name), nonce).setAAD(MAGIC)
  const sealed = cipher.update(fields.after(new Uint8Array(0)))
  return Buffer.concat([MAGIC, nonce, sealed, cipher.final(), cipher.getAuthTag()])
}

/** Null for bytes that this machine did not seal under this name. */
export function openRecord(file: Uint8Array, secret: Uint8Array, name: string): PastRecord | null {
  const head = MAGIC.length + NONCE_BYTES
  if (file.length < head + TAG_BYTES || !MAGIC.equals(file.subarray(0, MAGIC.length))) return null
  const decipher = createDecipheriv(CIPHER, keyOf(secret, name), file.subarray(MAGIC.length, head), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(MAGIC).setAuthTag(file.subarray(-TAG_BYTES))
  try {
    const opened = Buffer.concat([decipher.update(file.subarray(head, -TAG_BYTES)), decipher.final()])
    return readRecord(new FieldReader(opened))
  } catch {
    return null
  }
}

const readRecord = (fields: FieldReader): PastRecord => ({
  terminal: fields.u16(),
  name: fields.text(),
  startedAtMs: fields.u53(),
  writtenAtMs: fields.u53(),
  folder: fields.text(),
  end: fields.u53(),
  note: fields.blob(),
  picture: { cols: fields.u16(), rows: fields.u16(), bytes: fields.blob() },
})
