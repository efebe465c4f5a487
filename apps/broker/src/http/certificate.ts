import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import type { Settings } from '../config/settings.ts'
import { machineAddresses, multicastName } from './machine-addresses.ts'

/** PEM texts. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

const DAY_MS = 24 * 60 * 60 * 1_000
/** Browsers refuse longer ones. */
const LIFE_DAYS = 397
const RENEWED_AHEAD_DAYS = 30

/** The certificate the settings ask for; null for plain HTTP. */
export async function certificateFor(settings: Settings, folder: string): Promise<Certificate | null> {
  switch (settings.https) {
    case 'off':
      return null
    case 'files':
      return {
        cert: readFileSync(settings.tlsCert ?? '', 'utf8'),
        key: readFileSync(settings.tlsKey ?? '', 'utf8'),
      }
    case 'self-signed':
      return selfSigned(folder)
  }
}

/** Made at first start, kept, and made anew before it ends. */
async function selfSigned(folder: string): Promise<Certificate> {
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  if (existsSync(files.cert) && existsSync(files.key)) {
    const cert = readFileSync(files.cert, 'utf8')
    const endsAtMs = Date.parse(new X509Certificate(cert).validTo)
    if (endsAtMs - Date.now() > RENEWED_AHEAD_DAYS * DAY_MS)
      return { cert, key: readFileSync(files.key, 'utf8') }
  }
  const made = await make()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  write(files.key, made.key)
  write(files.cert, made.cert)
  return made
}

async function make(): Promise<Certificate> {
  const name = hostname()
  const names = ['localhost', name, multicastName()].map((value) => ({ type: 2 as const, value }))
  const addresses = ['127.0.0.1', '::1', ...machineAddresses()].map((ip) => ({ type: 7 as const, ip }))
  const { cert, private: key } = await generate([{ name: 'commonName', value: name.slice(0, 64) }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY_MS),
    notAfterDate: new Date(Date.now() + LIFE_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...names, ...addresses] },
    ],
  })
  return { cert, key }
}

/** Whole or not at all. */
function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
